// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/filter_words.h"

#include <span>

#include "dissector/filter/facts.h"
#include "dissector/filter/primitives.h"
#include "dissector/names/protocol_names.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

/// The words that may follow after `before`.
QStringList wordsAfter(const QString& before) {
  const auto wordsOf = [](std::span<const FieldName> names) {
    QStringList words;
    for (const FieldName& name : names) words += toQt(name.word);
    return words;
  };
  const QString last = before.trimmed().section(QLatin1Char(' '), -1);
  if (last == "op") return wordsOf(virtioOpNames());
  if (last == "type") return wordsOf(virtioTypeNames());
  if (last == "transport") return wordsOf(transportNames());
  if (last == "finding" || last == "finding-packet") return wordsOf(filter::findingWords());
  if (last == "state") return wordsOf(filter::stateWords());
  QStringList words{"and", "or", "not", "src", "dst"};
  for (const filter::PrimitiveRow& row : filter::primitiveTable()) words += toQt(row.word);
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
