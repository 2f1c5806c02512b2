# SPDX-License-Identifier: Apache-2.0
"""Helps schemathesis to requests that mean something: tenants and ids that exist, filters in Kestra's spelling."""
import itertools
import os

import schemathesis

IDS = os.environ.get("DAYBOOK_IDS", "").split(",")
turn = itertools.count()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Of four requests three ask for what is there."""
    if not path_parameters or next(turn) % 4 == 0:
        return path_parameters
    if "tenant" in path_parameters:
        path_parameters["tenant"] = "main"
    if "id" in path_parameters:
        path_parameters["id"] = IDS[next(turn) % len(IDS)]
    if "detailId" in path_parameters:
        path_parameters["detailId"] = "hello"
    return path_parameters


def flat(name, value):
    if isinstance(value, dict):
        for key, below in value.items():
            yield from flat(f"{name}[{key}]", below)
    else:
        yield name, value


@schemathesis.hook
def map_query(context, query):
    """OpenAPI has no word for maps of maps: `filters[field][OPERATOR]=value`."""
    if not query:
        return query
    out = {}
    for name, value in query.items():
        out.update(dict(flat(name, value)))
    return out
