// SPDX-License-Identifier: GPL-2.0-or-later
// What the window says about itself, and what a right click offers.
#include <QApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "gui/models/filter_words.h"
#include "gui/models/glossary.h"
#include "gui/models/text.h"
#include "gui/views/main_window.h"

namespace vsdump::gui {

namespace {

constexpr QSize kHelpSize{720, 600};

QString rowOf(const QString& term, const QString& meaning) {
  return QStringLiteral("<tr><td style=\"padding-right: 16px\"><b>%1</b></td><td>%2</td></tr>")
      .arg(term.toHtmlEscaped(), meaning.toHtmlEscaped());
}

/// All actions of a menu that have keys, as rows.
QString keysOf(const QMenu* menu) {
  QString rows;
  for (const QAction* action : menu->actions()) {
    if (action->menu() != nullptr || action->shortcut().isEmpty()) continue;
    rows += rowOf(action->shortcut().toString(QKeySequence::NativeText),
                  QString(action->text()).remove('&').remove(QStringLiteral(" …")));
  }
  return rows;
}

}  // namespace

void MainWindow::about() {
  QMessageBox::about(
      this, tr("About vsdump"),
      tr("vsdump %1 shows what passes between virtual machines and their hosts over AF_VSOCK, who "
         "ended it and why.\n\nThe library is free software under the GNU General Public License, "
         "version 2 or later; this program as a whole, which is drawn with QCustomPlot, under "
         "version 3 or later.")
          .arg(QApplication::applicationVersion()));
}

void MainWindow::showHelp() {
  QString text = tr(
      "<h2>What there is to see</h2>"
      "<p>Above are all connections, and beside them what was found, the worst first. Choosing "
      "connections shows them alone below; choosing a finding leads to the packets that prove it."
      "</p><p>The timeline's brush, which is drawn with the mouse, chooses a time: all views show "
      "that time alone until it is clicked away. A filter selects packets and their connections; "
      "a right click on a value makes one.</p>"
      "<p>Blue goes to the server, orange to the client; vermilion is trouble, and hatched amber "
      "is the time in which a sender had to wait for credit.</p>");
  text += tr("<h2>Keys</h2>") + QStringLiteral("<table>");
  for (const QAction* entry : menuBar()->actions()) text += keysOf(entry->menu());
  text += rowOf(tr("+ − Home End ↑ ↓"), tr("in the diagram: zoom, and go from packet to packet"));
  text += rowOf(tr("+ − ← → Enter Esc"),
                tr("in the timeline: zoom, move, choose the time that is visible, and all times"));
  text += QStringLiteral("</table>") + tr("<h2>Words</h2>") + QStringLiteral("<table>");
  for (const GlossaryRow& row : glossary()) text += rowOf(toQt(row.word), toQt(row.meaning));
  text += QStringLiteral("</table>") +
          tr("<p>man vsdump-filter explains the filter language, and man vsdump what else vsdump "
             "can do.</p>");

  auto* dialog = new QDialog(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Help"));
  dialog->resize(kHelpSize);
  auto* page = new QTextBrowser(dialog);
  page->setAccessibleName(tr("Help"));
  page->setHtml(text);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
  connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  auto* layout = new QVBoxLayout(dialog);
  layout->addWidget(page);
  layout->addWidget(buttons);
  dialog->show();
}

/// A right click on a value makes a filter of it, or adds it to the one that is there.
void MainWindow::offerFilters(QAbstractItemView* view, int filterRole) {
  view->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(view, &QWidget::customContextMenuRequested, this, [this, view, filterRole](QPoint place) {
    const QString condition = view->indexAt(place).data(filterRole).toString();
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (!condition.isEmpty()) {
      const auto offer = [&](const QString& text, const QString& filter) {
        menu->addAction(text, this, [this, filter] { filterBar_->apply(filter); });
      };
      const QString before = filterBar_->text();
      offer(tr("Show only %1").arg(condition), condition);
      offer(tr("Hide %1").arg(condition),
            extended(before, QStringLiteral("not (%1)").arg(condition)));
      if (!before.isEmpty()) offer(tr("… and %1").arg(condition), extended(before, condition));
      menu->addSeparator();
    }
    menu->addAction(tr("Copy"), this, [this] { copySelection(); });
    menu->popup(view->viewport()->mapToGlobal(place));
  });
}

}  // namespace vsdump::gui
