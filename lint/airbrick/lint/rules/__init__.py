"""The rules, one module each.

A module of this package that is named for a code, such as ``dbx101_hardcoded_cluster_spec``, ends with
``RULE = …``; nothing else has to be told about it.
"""
