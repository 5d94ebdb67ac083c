// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/filter_words.h"

#include <string_view>

#include "dissector/filter/completion.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

/// The words that may follow after `before`.
QStringList wordsAfter(const QString& before) {
  const QString last = before.trimmed().section(QLatin1Char(' '), -1);
  QStringList words;
  for (const std::string_view word : filter::wordsAfter(last.toStdString())) words += toQt(word);
  return words;
}

}  // namespace

QStringList completionsOf(const QString& text) {
  const qsizetype begin = std::max(text.lastIndexOf(' '), text.lastIndexOf('(')) + 1;
  const QString before = text.left(begin);
  const QString typed = text.mid(begin);
  QStringList list;
  if (typed.isEmpty()) return list;
  const QStringList words = wordsAfter(before);
  for (const QString& word : words) {
    if (word.startsWith(typed) && word != typed) list += before + word;
  }
  return list;
}

QString extended(const QString& filter, const QString& condition) {
  if (filter.trimmed().isEmpty()) return condition;
  return QStringLiteral("(%1) and %2").arg(filter.trimmed(), condition);
}

}  // namespace vsdump::gui
