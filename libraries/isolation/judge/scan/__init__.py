"""Finding planted secrets in anything that a tenant could see: plain, encoded, compressed, nested or split."""

from isolation.judge.scan.hits import Hit, Scan
from isolation.judge.scan.scanner import Scanner
from isolation.judge.scan.stream import CHUNK_TAIL, FRAME_TAIL, StreamScanner

__all__ = ["CHUNK_TAIL", "FRAME_TAIL", "Hit", "Scan", "Scanner", "StreamScanner"]
