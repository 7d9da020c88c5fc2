"""The one place that knows which PyQt runs: Krita 5 brings PyQt5, Krita 6 PyQt6.

Krita is asked, never tried: importing the other PyQt can crash it. Elsewhere enums are spelled in
full and nothing is used that only one of the two has.
"""

from __future__ import annotations

from krita import Krita

if int(Krita.instance().version().split(".")[0]) >= 6:
    from PyQt6 import sip
    from PyQt6.QtCore import (
        QByteArray,
        QEvent,
        QLocale,
        QObject,
        QPointF,
        QRect,
        QStandardPaths,
        Qt,
        QTimer,
    )
    from PyQt6.QtGui import (
        QColor,
        QCursor,
        QGuiApplication,
        QImage,
        QPainter,
        QPixmap,
    )
    from PyQt6.QtWidgets import (
        QApplication,
        QCheckBox,
        QColorDialog,
        QComboBox,
        QDoubleSpinBox,
        QFileDialog,
        QFormLayout,
        QGridLayout,
        QHBoxLayout,
        QInputDialog,
        QLabel,
        QLineEdit,
        QMenu,
        QProgressBar,
        QPushButton,
        QScrollArea,
        QSpinBox,
        QToolButton,
        QVBoxLayout,
        QWidget,
    )
else:
    from PyQt5 import sip
    from PyQt5.QtCore import (
        QByteArray,
        QEvent,
        QLocale,
        QObject,
        QPointF,
        QRect,
        QStandardPaths,
        Qt,
        QTimer,
    )
    from PyQt5.QtGui import (
        QColor,
        QCursor,
        QGuiApplication,
        QImage,
        QPainter,
        QPixmap,
    )
    from PyQt5.QtWidgets import (
        QApplication,
        QCheckBox,
        QColorDialog,
        QComboBox,
        QDoubleSpinBox,
        QFileDialog,
        QFormLayout,
        QGridLayout,
        QHBoxLayout,
        QInputDialog,
        QLabel,
        QLineEdit,
        QMenu,
        QProgressBar,
        QPushButton,
        QScrollArea,
        QSpinBox,
        QToolButton,
        QVBoxLayout,
        QWidget,
    )

__all__ = [
    "QApplication",
    "QByteArray",
    "QCheckBox",
    "QColor",
    "QColorDialog",
    "QComboBox",
    "QCursor",
    "QDoubleSpinBox",
    "QEvent",
    "QFileDialog",
    "QFormLayout",
    "QGridLayout",
    "QGuiApplication",
    "QHBoxLayout",
    "QImage",
    "QInputDialog",
    "QLabel",
    "QLineEdit",
    "QLocale",
    "QMenu",
    "QObject",
    "QPainter",
    "QPixmap",
    "QPointF",
    "QProgressBar",
    "QPushButton",
    "QRect",
    "QScrollArea",
    "QSpinBox",
    "QStandardPaths",
    "QTimer",
    "QToolButton",
    "QVBoxLayout",
    "QWidget",
    "Qt",
    "sip",
]
