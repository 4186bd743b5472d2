-- What the other three miss: both directions, and NULL told from a value.
SELECT l.id AS "key", 'missing' AS class, NULL AS columns
FROM legacy.orders AS l LEFT JOIN modern.orders AS m ON m.id = l.id
WHERE m.id IS NULL
UNION ALL
SELECT m.id, 'extra', NULL
FROM modern.orders AS m LEFT JOIN legacy.orders AS l ON l.id = m.id
WHERE l.id IS NULL
UNION ALL
SELECT l.id, 'mismatch',
       iif(l.amount IS DISTINCT FROM m.amount, 'amount,', '') || iif(l.status IS DISTINCT FROM m.status, 'status,', '')
         || iif(l.region IS DISTINCT FROM m.region, 'region', '')
FROM legacy.orders AS l JOIN modern.orders AS m ON m.id = l.id
WHERE l.amount IS DISTINCT FROM m.amount OR l.status IS DISTINCT FROM m.status OR l.region IS DISTINCT FROM m.region;
