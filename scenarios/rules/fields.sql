-- Rows that both systems have and that differ in a field.
SELECT l.id, l.amount AS legacy_amount, m.amount AS modern_amount, l.status AS legacy_status, m.status AS modern_status
FROM legacy.orders AS l
JOIN modern.orders AS m ON m.id = l.id
WHERE l.amount <> m.amount
   OR l.status <> m.status
   OR l.region <> m.region;
