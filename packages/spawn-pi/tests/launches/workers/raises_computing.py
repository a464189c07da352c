from while_computing import do

do(lambda: 1 / 0)
