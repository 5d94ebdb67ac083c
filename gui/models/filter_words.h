// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace vsdump::gui {

/// What a filter that is being typed may go on with: the whole text, once with each word that fits
/// in the place of the last one. Nothing after a blank or a whole word.
QStringList completionsOf(const QString& text);

/// `condition` alone, or what stands there already and the condition.
QString extended(const QString& filter, const QString& condition);

}  // namespace vsdump::gui
