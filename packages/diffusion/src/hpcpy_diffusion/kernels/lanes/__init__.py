"""The fastest kernel: whole vectors of a row in each instruction, many steps in each pass.

Read `layout` first, which says how a row is stored; then `sweep_rows`, one step of four
rows; then `march`, which takes many steps while the rows are in the cache.
"""
