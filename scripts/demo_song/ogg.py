"""Write Ogg Vorbis files that are the same every time."""

import numpy as np
import soundfile as sf

BLOCK = 4096


def checksum_table():
    """CRC-32 of every byte as RFC 3533 wants it: polynomial 0x04C11DB7, not reflected."""
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x104C11DB7 if value & 0x80000000 else 0)
        table.append(value)
    return table


def write(path, audio, sample_rate, compression, serial):
    """Encode (channels, samples) as Vorbis.

    libsndfile overflows its stack on long single writes, hence blocks; and it draws a random stream
    serial, which is replaced by `serial` so that a rebuild changes nothing.

    Args:
        compression: 0 is the best quality, 1 the smallest file.
    """
    with sf.SoundFile(
        path, "w", sample_rate, len(audio), format="OGG", subtype="VORBIS", compression_level=compression
    ) as file:
        for first in range(0, audio.shape[1], BLOCK):
            file.write(np.ascontiguousarray(audio[:, first : first + BLOCK].T, dtype=np.float32))
    data, table, page = bytearray(path.read_bytes()), checksum_table(), 0
    while page < len(data):
        # A page (RFC 3533, 6): 27 header bytes, serial at 14, checksum at 22, then one length a segment.
        segments = data[page + 26]
        end = page + 27 + segments + sum(data[page + 27 : page + 27 + segments])
        data[page + 14 : page + 18] = serial.to_bytes(4, "little")
        data[page + 22 : page + 26] = bytes(4)
        crc = 0
        for byte in data[page:end]:
            crc = (crc << 8 & 0xFFFFFFFF) ^ table[crc >> 24 ^ byte]
        data[page + 22 : page + 26] = crc.to_bytes(4, "little")
        page = end
    path.write_bytes(data)
