// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPainter>
#include <QPalette>
#include <QRectF>

#include "dissector/connection/connection.h"
#include "dissector/wire/anomaly.h"

namespace vsdump::gui {

/// The colours with a meaning; everything else is the desktop's palette. Blue and orange are told
/// apart by colour-blind people too.
QColor directionColor(Direction direction, const QPalette& palette);
QColor troubleColor(const QPalette& palette);
QColor stallColor();

/// Of hints, and of what is said beside the matter: the text's, less marked. Not every desktop has
/// a colour for hints that is seen on its background.
QColor hintColor(const QPalette& palette);

/// The system's fixed font, a little smaller, so that a line of sixteen bytes fits beside a view.
QFont fixedFont();

/// What marks are drawn in where nothing is selected: trouble has its colour, all else the text's.
QColor markColor(ConnectionState state, const QPalette& palette);
QColor markColor(Severity severity, const QPalette& palette);

/// A mark that tells a state by its shape.
void drawState(QPainter& painter, const QRectF& box, ConnectionState state, const QColor& color);

/// A cross, a triangle or a dot.
void drawSeverity(QPainter& painter, const QRectF& box, Severity severity, const QColor& color);

}  // namespace vsdump::gui
