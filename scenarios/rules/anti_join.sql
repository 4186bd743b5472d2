-- Rows of the old system that the new one does not have.
SELECT l.id
FROM legacy.orders AS l
LEFT JOIN modern.orders AS m ON m.id = l.id
WHERE m.id IS NULL;
