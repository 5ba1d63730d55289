def make_broken(folder): pass
