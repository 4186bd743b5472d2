-- Row counts per system.
SELECT 'legacy' AS system, COUNT(*) AS row_count FROM legacy.orders
UNION ALL
SELECT 'modern' AS system, COUNT(*) AS row_count FROM modern.orders;
