from pathlib import Path

import pytest

from streams.parameters.file import read_document, write_document


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    write_document(out, read_document(None))
    before = out.read_text()
    with pytest.raises(ValueError, match="margin"):
        write_document(out, {**read_document(None), "margin": 2.0})
    assert out.read_text() == before
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]
    with pytest.raises(OSError, match="directory"):
        write_document(tmp_path, read_document(None))
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]
