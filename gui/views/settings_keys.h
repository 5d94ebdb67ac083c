// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>

namespace vsdump::gui {

/// What is remembered from one run to the next.
inline const QString kRecentFilesKey = QStringLiteral("recentFiles");
inline const QString kFiltersKey = QStringLiteral("filters");
inline const QString kCaptureKey = QStringLiteral("capture/");  ///< and what was asked for
inline const QString kLanesByCidKey = QStringLiteral("lanesByCid");
inline const QString kToScaleKey = QStringLiteral("timeToScale");
inline const QString kCutsQuietKey = QStringLiteral("compressQuietTime");
inline const QString kGeometryKey = QStringLiteral("geometry");
inline const QString kSplittersKey = QStringLiteral("splitters/");  ///< and the splitter's name
inline const QString kColumnsKey = QStringLiteral("columns/");      ///< and the table's name

}  // namespace vsdump::gui
