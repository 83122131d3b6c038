"""The arrows between files: what lint-imports does not see, that a package's own face is imported by none of its parts."""

from graphlib import TopologicalSorter

import grimp


def test_no_file_imports_itself_through_others():
    graph = grimp.build_graph("zoo", "train", "playground")
    TopologicalSorter({file: graph.find_modules_directly_imported_by(file) for file in graph.modules}).prepare()
