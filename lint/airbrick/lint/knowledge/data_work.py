"""Calls that move or transform data in the process that makes them."""

from typing import Final

from airbrick.lint.knowledge.words import words

DATA_VERBS: Final = words(
    "to_sql to_parquet to_gbq to_delta to_feather toPandas to_pandas saveAsTable get_pandas_df get_polars_df"
)
"""Methods that say what they do whatever they are called on."""

MOVE: Final = 2
TRANSFORM: Final = 1

_FRAMES: Final = ("pandas.", "polars.", "dask.dataframe.", "modin.pandas.", "awswrangler.", "geopandas.")
_MOVING: Final = words("to_csv to_json to_excel to_pickle to_orc")
_TRANSFORMING: Final = words("merge concat groupby pivot pivot_table join melt merge_asof apply explode DataFrame")
_BY_MODULE: Final = (
    (("pyspark.",), words("getOrCreate collect")),
    (
        ("pyarrow.parquet.", "pyarrow.dataset.", "pyarrow.csv.", "duckdb."),
        words("read_table write_table read_csv write_dataset sql query execute from_df"),
    ),
    (
        ("sklearn.", "xgboost.", "lightgbm.", "catboost.", "torch.", "tensorflow.", "keras.", "prophet."),
        words("fit fit_transform fit_predict train predict"),
    ),
)
_IN_MEMORY: Final = ("io.StringIO", "io.BytesIO")

HEAVY_LIBRARIES: Final = words(
    """
    pandas numpy pyspark polars dask torch tensorflow keras sklearn scipy xgboost lightgbm catboost transformers
    statsmodels prophet matplotlib seaborn plotly pyarrow geopandas modin nltk spacy cv2 awswrangler
    """
)
"""Libraries that take long to import or much memory."""


def weight(name: str, *, in_memory: bool) -> int:
    """Tell how much work a call does on the data it is given.

    :param name: the full name of what is called.
    :param in_memory: whether its input is text that is in memory already.
    """
    verb = name.rpartition(".")[2]
    if verb in DATA_VERBS or (verb == "get_df" and "Hook()." in name):
        return MOVE
    for modules, verbs in _BY_MODULE:
        if name.startswith(modules):
            return MOVE if verb in verbs else 0
    if not name.startswith(_FRAMES):
        return 0
    if verb.startswith(("read_", "scan_")):
        # read_json is how a data frame comes out of XCom.
        return TRANSFORM if in_memory or verb == "read_json" else MOVE
    return MOVE if verb in _MOVING else TRANSFORM if verb in _TRANSFORMING else 0


def is_in_memory(name: str) -> bool:
    """Tell whether a call makes a file of text that is in memory already."""
    return name in _IN_MEMORY
