"""Published networks, rebuilt so that their authors' weights become ONNX files."""

from tinct_train.published.convert import NETWORKS, convert, load_weights
from tinct_train.published.eccv16 import Eccv16
from tinct_train.published.siggraph17 import Siggraph17

__all__ = ["NETWORKS", "Eccv16", "Siggraph17", "convert", "load_weights"]
