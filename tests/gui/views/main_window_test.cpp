// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/main_window.h"

#include <qcustomplot.h>

#include <QAccessible>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QHeaderView>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSettings>
#include <QStandardPaths>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <QTreeWidget>
#include <QUrl>
#include <algorithm>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

/// The window as a person uses it: with the mouse and with keys.
class MainWindowTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QCoreApplication::setOrganizationName("vsdump-main-window-test");
    QSettings().clear();
  }
  void init() {
    QSettings().clear();
    window_ = std::make_unique<MainWindow>();
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }
  void cleanup() { window_.reset(); }

  void beginsWithAPageThatSaysWhatToDo() {
    QVERIFY(!table("connections")->isVisible());
    QVERIFY(visibleText("vsdump doctor"));
  }

  void opensEverySampleAndEveryViewOfIt() {
    for (const QString& name : sampleNames()) {
      open(name);
      QVERIFY(table("connections")->isVisible());
      QVERIFY(window_->windowTitle().startsWith(name));
      for (int tab = 0; tab < tabs()->count(); ++tab) {
        showTab(tabs()->tabText(tab));
        QVERIFY(!tabs()->currentWidget()->grab().isNull());
      }
    }
  }

  void showsOneConnectionEverywhereWhenItIsClicked() {
    open("parallel.pcap");
    const int all = table("packets")->model()->rowCount();
    click(table("connections"), 1);
    QTRY_VERIFY(table("packets")->model()->rowCount() < all);
    showTab("Packets");
    for (int row = 0; row < table("packets")->model()->rowCount(); ++row) {
      QCOMPARE(cell("packets", row, PacketModel::ConnectionColumn), "1");
    }
    QVERIFY(status().contains("#1 "));
    showTab("Stream");
    QTRY_VERIFY(!streamText()->toPlainText().isEmpty());
    QTest::keyClick(window_.get(), Qt::Key_0, Qt::ControlModifier);
    QTRY_COMPARE(table("packets")->model()->rowCount(), all);
    QTRY_VERIFY(streamText()->toPlainText().isEmpty());
  }

  void showsSeveralConnectionsWhenTheyAreChosen() {
    open("parallel.pcap");
    click(table("connections"), 0);
    click(table("connections"), 2, Qt::ControlModifier);
    QTRY_VERIFY(status().contains("2 chosen"));
    showTab("Packets");
    QTRY_VERIFY(table("packets")->model()->rowCount() > 0 &&
                cell("packets", 0, PacketModel::ConnectionColumn) != "1");
    for (int row = 0; row < table("packets")->model()->rowCount(); ++row) {
      QVERIFY(cell("packets", row, PacketModel::ConnectionColumn) != "1");
    }
  }

  void sortsByAColumnAndKeepsTheChoice() {
    open("parallel.pcap");
    click(table("connections"), 0);
    QHeaderView* header = table("connections")->horizontalHeader();
    const int x = header->sectionViewportPosition(ConnectionModel::Id) + 10;
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, {x, header->height() / 2});
    QCOMPARE(header->sortIndicatorOrder(), Qt::DescendingOrder);
    const int last = table("connections")->model()->rowCount() - 1;
    QCOMPARE(cell("connections", last, ConnectionModel::Id), "0");
    QVERIFY(table("connections")->selectionModel()->isRowSelected(last));
  }

  void filtersEverything() {
    open("parallel.pcap");
    const int all = table("packets")->model()->rowCount();
    typeFilter("op rst");
    QTRY_VERIFY(table("packets")->model()->rowCount() < all);
    showTab("Packets");
    for (int row = 0; row < table("packets")->model()->rowCount(); ++row) {
      QCOMPARE(cell("packets", row, PacketModel::Op), "RST");
    }
    typeFilter("connection 2");
    QTRY_COMPARE(table("connections")->model()->rowCount(), 1);
    QCOMPARE(cell("connections", 0, ConnectionModel::Id), "2");
    typeFilter("");
    QTRY_COMPARE(table("packets")->model()->rowCount(), all);
    QVERIFY(table("connections")->model()->rowCount() > 1);
  }

  void leadsFromAFindingToItsPackets() {
    open("credit-stall.pcap");
    showTab("Packets");
    click(table("findings"), 0);
    QTRY_COMPARE(table("packets")->currentIndex().row(), 6);
    QTRY_VERIFY(status().contains("packet 7"));
    QVERIFY(visibleText("had no credit for"));
  }

  void opensThePacketsOfAFinding() {
    open("credit-stall.pcap");
    showTab("Timeline");
    const QPoint place =
        table("findings")->visualRect(table("findings")->model()->index(0, 0)).center();
    QTest::mouseClick(table("findings")->viewport(), Qt::LeftButton, {}, place);
    QTest::mouseDClick(table("findings")->viewport(), Qt::LeftButton, {}, place);
    QCOMPARE(tabs()->tabText(tabs()->currentIndex()), "Packets");
    QTRY_COMPARE(table("packets")->currentIndex().row(), 6);
  }

  void walksThroughTheListByKeys() {
    open("parallel.pcap");
    typeFilter("op rw");
    showTab("Timeline");  // wherever the focus is
    const auto current = [this] { return table("packets")->currentIndex().row(); };
    const int last = table("packets")->model()->rowCount() - 1;
    const std::pair<Qt::Key, int> steps[] = {
        {Qt::Key_Home, 0},   {Qt::Key_Down, 1},    {Qt::Key_Down, 2},     {Qt::Key_Up, 1},
        {Qt::Key_End, last}, {Qt::Key_Down, last}, {Qt::Key_Up, last - 1}};
    for (const auto& [key, row] : steps) {
      QTest::keyClick(window_.get(), key, Qt::ControlModifier);
      QTRY_COMPARE(current(), row);
    }
  }

  void findsInThePayloadOrByAFilter() {
    open("python-hello.pcap");
    click(table("connections"), 0);
    showTab("Stream");
    QTRY_VERIFY(!streamText()->toPlainText().isEmpty());
    QTest::keyClick(window_.get(), Qt::Key_F, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "hello");
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(streamText()->textCursor().selectedText().toLower(), "hello");
    showTab("Packets");
    QTest::keyClick(window_.get(), Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(QApplication::focusWidget()->accessibleName(), "Filter");
  }

  void saysWhetherThereAreFindings() {
    open("nbd-clients.pcap");
    QVERIFY(visibleText("Nothing was found."));
    open("credit-stall.pcap");
    QVERIFY(visibleText("Choose a finding"));
    click(table("findings"), 0);
    QVERIFY(!visibleText("Choose a finding"));
  }

  void showsTheWorstFindingWhole() {
    window_->resize(1280, 800);
    open("kata.pcap");
    const QAbstractItemView* cells = table("connections");
    QVERIFY(table("connections")->columnWidth(ConnectionModel::Finding) >=
            cells->sizeHintForColumn(ConnectionModel::Finding));
  }

  void showsHintsInTheDarkAndInTheLight() {
    const QPalette before = QApplication::palette();
    for (const QColor& base : {QColor(Qt::black), QColor(Qt::white)}) {
      const QColor text = base == Qt::black ? Qt::white : Qt::black;
      QPalette desktop(text, base, base, base, base, text, base);
      desktop.setColor(QPalette::PlaceholderText, base);  // as some have it
      QApplication::setPalette(desktop);
      QApplication::processEvents();
      const auto* line = window_->findChild<FilterBar*>()->findChild<QLineEdit*>();
      const QColor hint = line->palette().color(QPalette::PlaceholderText);
      QVERIFY(std::abs(hint.lightness() - base.lightness()) > 100 && hint.alphaF() > 0.5);
    }
    QApplication::setPalette(before);
  }

  void marksTheBytesOfAFieldAndTheFieldOfAByte() {
    open("python-hello.pcap");
    showTab("Packets");
    click(table("packets"), 0);
    auto* tree = window_->findChild<QTreeWidget*>();
    QVERIFY(tree->topLevelItemCount() >= 4);
    const auto fields = tree->findItems("buf_alloc", Qt::MatchExactly | Qt::MatchRecursive);
    QCOMPARE(fields.size(), 1);
    tree->setCurrentItem(fields.front());
    QPlainTextEdit* hex = window_->findChild<DetailPanes*>()->findChild<QPlainTextEdit*>();
    QCOMPARE(hex->extraSelections().size(), 2);
    QCOMPARE(hex->extraSelections().front().cursor.selectedText(), "00 00 04 00");
    // The first byte of dst_cid: the ninth of the first line.
    QTextCursor cursor(hex->document());
    cursor.setPosition(8 + 8 * 3 + 1);
    const QPoint place = [&] {
      hex->setTextCursor(cursor);
      return hex->cursorRect().center() + QPoint(3, 0);
    }();
    QTest::mouseClick(hex->viewport(), Qt::LeftButton, {}, place);
    QCOMPARE(tree->currentItem()->text(0), "dst_cid");
  }

  void walksThroughAConnectionByKeys() {
    open("parallel.pcap");
    showTab("Packets");
    const QString connection = cell("packets", 0, PacketModel::ConnectionColumn);
    std::vector<int> rows;
    for (int row = 0; row < table("packets")->model()->rowCount(); ++row) {
      if (cell("packets", row, PacketModel::ConnectionColumn) == connection) rows.push_back(row);
    }
    QVERIFY(rows.back() >= static_cast<int>(rows.size()));  // others are between them
    click(table("packets"), 0);
    const auto current = [this] { return table("packets")->currentIndex().row(); };
    for (std::size_t i = 1; i < rows.size(); ++i) {
      QTest::keyClick(window_.get(), Qt::Key_Period, Qt::ControlModifier);
      QTRY_COMPARE(current(), rows[i]);
    }
    QTest::keyClick(window_.get(), Qt::Key_Period, Qt::ControlModifier);
    QTRY_VERIFY(window_->statusBar()->currentMessage().contains("last packet"));
    for (std::size_t i = rows.size() - 1; i-- > 0;) {
      QTest::keyClick(window_.get(), Qt::Key_Comma, Qt::ControlModifier);
      QTRY_COMPARE(current(), rows[i]);
    }
    QTest::keyClick(window_.get(), Qt::Key_Comma, Qt::ControlModifier);
    QTRY_VERIFY(window_->statusBar()->currentMessage().contains("first packet"));
  }

  void marksPacketsAndFindsThemAgain() {
    open("parallel.pcap");
    showTab("Packets");
    click(table("packets"), 3);
    QTest::keyClick(window_.get(), Qt::Key_M, Qt::ControlModifier);
    click(table("packets"), 6);
    click(table("packets"), 8, Qt::ShiftModifier);
    QTest::keyClick(window_.get(), Qt::Key_M, Qt::ControlModifier);
    QVERIFY(status().contains("4 marked"));
    const auto isMarked = [&](int row) {
      return table("packets")->model()->index(row, 0).data(PacketModel::kMarkedRole).toBool();
    };
    QVERIFY(isMarked(3) && !isMarked(4) && isMarked(6) && isMarked(7) && isMarked(8));
    const Qt::KeyboardModifiers keys = Qt::ControlModifier | Qt::ShiftModifier;
    QTest::keyClick(window_.get(), Qt::Key_N, keys);
    QCOMPARE(table("packets")->currentIndex().row(), 3);
    QTest::keyClick(window_.get(), Qt::Key_N, keys);
    QCOMPARE(table("packets")->currentIndex().row(), 6);
    QTest::keyClick(window_.get(), Qt::Key_B, keys);
    QTest::keyClick(window_.get(), Qt::Key_M, Qt::ControlModifier);
    QVERIFY(!isMarked(3) && status().contains("3 marked"));
    open("refused.pcap");
    QVERIFY(!status().contains("marked"));
  }

  void choosesPacketsInTheDiagram() {
    open("python-hello.pcap");
    showTab("Sequence");
    auto* view = window_->findChild<SequenceView*>();
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, {300, 32 + 22 * 2 + 11});
    QVERIFY(status().contains("packet 3"));
    QTest::keyClick(view, Qt::Key_Down);
    QVERIFY(status().contains("packet 4"));
    QTest::keyClick(view, Qt::Key_End);
    QVERIFY(status().contains("packet 9"));
  }

  void leadsFromMessagesToTheirPackets() {
    open("http.pcap");
    showTab("Messages");
    QTRY_COMPARE(table("messages")->model()->rowCount(), 3);
    QVERIFY(visibleText("3 messages  ·  1 failed"));
    click(table("messages"), 1);
    QTRY_VERIFY(status().contains("packet 9"));
    QTest::keyClick(table("messages"), Qt::Key_Return);
    QTRY_COMPARE(tabs()->tabText(tabs()->currentIndex()), "Packets");
    QTRY_VERIFY(status().contains("#0 "));
    showTab("Messages");
    QTRY_COMPARE(table("messages")->model()->rowCount(), 2);
    click(table("messages"), 1);
    QTest::keyClick(table("messages"), Qt::Key_Return);
    QTRY_VERIFY(status().contains("packet 13"));
  }

  void givesMessagesTheRoomThatAnswersDoNotNeed() {
    window_->resize(1280, 800);
    open("kata.pcap");
    showTab("Messages");
    QTRY_VERIFY(table("messages")->model()->rowCount() > 0);
    const auto width = [this](int column) { return table("messages")->columnWidth(column); };
    const QAbstractItemView* cells = table("messages");
    QVERIFY(width(MessageModel::Request) > width(MessageModel::Reply));
    QVERIFY(width(MessageModel::Reply) >= cells->sizeHintForColumn(MessageModel::Reply));
    table("messages")->setColumnWidth(MessageModel::Request, 77);
    showTab("Packets");
    showTab("Messages");
    QCOMPARE(width(MessageModel::Request), 77);
  }

  void showsTheMessagesOfAConnectionAsAText() {
    open("http.pcap");
    click(table("connections"), 0);
    showTab("Stream");
    auto* form = window_->findChild<StreamView*>()->findChild<QComboBox*>();
    form->setCurrentIndex(form->findText("Messages"));
    QTRY_VERIFY(streamText()->toPlainText().contains("http → GET target=/page.txt"));
    QVERIFY(streamText()->toPlainText().contains("error File not found status=404"));
    form->setCurrentIndex(form->findText("Text"));
    QTRY_VERIFY(streamText()->toPlainText().contains("HTTP/1."));
  }

  void showsATimeAloneThatTheBrushMarks() {
    open("parallel.pcap");
    const int all = table("packets")->model()->rowCount();
    const int connections = table("connections")->model()->rowCount();
    showTab("Timeline");
    auto* plot = window_->findChild<TimelineView*>()->findChild<QWidget*>();
    const auto drag = [plot](int from, int to) {
      QTest::mousePress(plot, Qt::LeftButton, {}, {from, 60});
      QTest::mouseMove(plot, {(from + to) / 2, 60});
      QTest::mouseMove(plot, {to, 60});
      QTest::mouseRelease(plot, Qt::LeftButton, {}, {to, 60});
    };
    drag(plot->width() - 150, plot->width() - 20);
    QTRY_VERIFY(table("packets")->model()->rowCount() < all);
    QVERIFY(table("packets")->model()->rowCount() > 0);
    QVERIFY(table("connections")->model()->rowCount() <= connections);
    typeFilter("op rst");
    QTRY_COMPARE(cell("packets", 0, PacketModel::Op), "RST");
    typeFilter("");
    QTest::mouseClick(plot, Qt::LeftButton, {}, {200, 60});
    QTRY_COMPARE(table("packets")->model()->rowCount(), all);
    QTest::keyClick(window_->findChild<TimelineView*>(), Qt::Key_Plus);
    QTest::keyClick(window_->findChild<TimelineView*>(), Qt::Key_Return);
    QTRY_VERIFY(table("packets")->model()->rowCount() < all);
    QTest::keyClick(window_->findChild<TimelineView*>(), Qt::Key_Escape);
    QTRY_COMPARE(table("packets")->model()->rowCount(), all);
  }

  void showsLatenciesInWholeDecades() {
    open("nbd-clients.pcap");
    click(table("connections"), 1);  // two answers of a few milliseconds
    showTab("Timeline");
    const auto* plot = window_->findChild<QCustomPlot*>();
    // Once messages are decoded.
    const auto axis = [plot] {
      const QList<QCPAxis*> lowest = plot->axisRects().back()->axes();
      const auto found = std::ranges::find(lowest, QCPAxis::stLogarithmic, &QCPAxis::scaleType);
      return found == lowest.end() ? nullptr : *found;
    };
    QTRY_VERIFY(axis() != nullptr);
    QTRY_COMPARE(axis()->range().upper, 10.0);
    QCOMPARE(axis()->range().lower, 0.1);
  }

  void zoomsFromOnePacketToAll() {
    open("vsock-test.pcap");
    showTab("Sequence");
    auto* view = window_->findChild<SequenceView*>();
    QVERIFY(view->verticalScrollBar()->maximum() > 0);
    for (int i = 0; i < 60; ++i) view->zoom(0.8);
    QCOMPARE(view->verticalScrollBar()->maximum(), 0);
    QVERIFY(!view->grab().isNull());
    for (int i = 0; i < 100; ++i) view->zoom(1.25);
    QVERIFY(view->verticalScrollBar()->maximum() > 0);
    QVERIFY(!view->grab().isNull());
  }

  void showsTimeToScaleAndCompressesQuietTime() {
    open("credit-stall.pcap");
    showTab("Sequence");
    const auto view = [&] { return window_->findChild<SequenceView*>(); };
    QTemporaryDir folder;
    const auto diagram = [&] {
      waitForViews();
      QFile svg(folder.filePath("diagram.svg"));
      if (!view()->exportTo(svg.fileName()) || !svg.open(QIODevice::ReadOnly)) return QByteArray();
      return svg.readAll();
    };
    // In even rows, each has its time.
    QVERIFY(diagram().contains("0.017249"));
    QVERIFY(!box("Compress quiet time")->isEnabled());
    const Qt::KeyboardModifiers keys = Qt::ControlModifier | Qt::ShiftModifier;
    QTest::keyClick(window_.get(), Qt::Key_T, keys);
    QVERIFY(box("Time to scale")->isChecked() && box("Compress quiet time")->isEnabled());
    const QByteArray compressed = diagram();
    QVERIFY(compressed.contains("0.020000") && !compressed.contains("0.017249"));
    // The first time after the break.
    QVERIFY(compressed.contains("2.055548"));
    QTest::keyClick(window_.get(), Qt::Key_Y, keys);
    const QByteArray whole = diagram();
    QVERIFY(whole.contains("0.020000") && !whole.contains("2.055548"));
    QVERIFY(view()->verticalScrollBar()->maximum() > 5000);
    // The packet that is chosen stays in sight, and its time is said.
    QTest::keyClick(view()->viewport(), Qt::Key_End);
    QVERIFY(diagram().contains("2.089869"));
    QTest::keyClick(view()->viewport(), Qt::Key_Home);
    QVERIFY(!diagram().contains("2.089869"));
    showTab("Packets");
    QVERIFY(!box("Time to scale")->isVisible());
    window_->close();
    window_ = std::make_unique<MainWindow>();
    QVERIFY(box("Time to scale")->isChecked() && !box("Compress quiet time")->isChecked());
    window_->show();
    open("credit-stall.pcap");
    // All packets are a page: two seconds, with their quiet.
    QVERIFY(diagram().contains("0.500000"));
    QTest::mouseClick(box("Time to scale"), Qt::LeftButton, {}, {8, 8});
    QVERIFY(diagram().contains("0.017249"));
  }

  void zoomsToScaleFromOnePacketToAll() {
    open("vsock-test.pcap");
    showTab("Sequence");
    box("Time to scale")->click();
    waitForViews();
    auto* view = window_->findChild<SequenceView*>();
    QScrollBar* bar = view->verticalScrollBar();
    for (int i = 0; i < 100; ++i) view->zoom(0.8);
    QCOMPARE(bar->maximum(), 0);
    QVERIFY(!view->grab().isNull());
    for (int i = 0; i < 200; ++i) view->zoom(1.25);
    QVERIFY(bar->maximum() > 0);
    QVERIFY(!view->grab().isNull());
    bar->setValue(bar->maximum());
    // A click chooses what is near it: here, the last one.
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, {300, view->viewport()->height() - 17});
    QVERIFY(status().contains(QString("packet %1").arg(table("packets")->model()->rowCount())));
  }

  void exportsTheDiagram() {
    open("credit-stall.pcap");
    showTab("Sequence");
    QTemporaryDir folder;
    const auto* view = window_->findChild<SequenceView*>();
    QVERIFY(view->exportTo(folder.filePath("diagram.svg")));
    QFile svg(folder.filePath("diagram.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    const QByteArray text = svg.readAll();
    QVERIFY(text.contains("REQUEST") && text.contains("no credit"));
    QVERIFY(view->exportTo(folder.filePath("diagram.png")));
    QCOMPARE(QImage(folder.filePath("diagram.png")).size(), view->viewport()->size() * 2);
    QVERIFY(!view->exportTo(folder.filePath("no/such/folder.png")));
    QVERIFY(!view->exportTo(folder.filePath("no/such/folder.svg")));
  }

  void copiesRowsAsText() {
    open("python-hello.pcap");
    showTab("Packets");
    click(table("packets"), 2);
    table("packets")->setFocus();
    QTest::keyClick(table("packets"), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().startsWith("3\t0.007270\tlocal:3425355126\t"));
  }

  void copiesThePacketOfTheDiagramAsText() {
    open("python-hello.pcap");
    showTab("Sequence");
    auto* view = window_->findChild<SequenceView*>();
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Home);
    QTest::keyClick(view, Qt::Key_Down);
    QTest::keyClick(view, Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().startsWith("2\t"));
    QVERIFY(QApplication::clipboard()->text().contains("\tRESPONSE\t"));
  }

  void makesFiltersOfValues() {
    open("parallel.pcap");
    const int all = table("packets")->model()->rowCount();
    auto* tree = window_->findChild<QTreeWidget*>();
    const auto fields = tree->findItems("src_port", Qt::MatchExactly | Qt::MatchRecursive);
    tree->scrollToItem(fields.front());
    const QPoint place = tree->visualItemRect(fields.front()).center();
    emit tree->customContextMenuRequested(place);
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    QVERIFY(menu != nullptr);
    QVERIFY(menu->actions().front()->text().startsWith("Show only src_port = "));
    menu->actions().front()->trigger();
    menu->close();
    QTRY_VERIFY(table("packets")->model()->rowCount() < all);
  }

  void explainsItselfAndItsWords() {
    QTest::keyClick(window_.get(), Qt::Key_F1);
    auto* page = window_->findChild<QTextBrowser*>();
    QVERIFY(page != nullptr && page->isVisible());
    const QString text = page->toPlainText();
    for (const char* said : {"fwd_cnt", "Ctrl+M", "Next mark", "brush"}) {
      QVERIFY2(text.contains(said), said);
    }
  }

  void drawsTheActivityOfConnections() {
    open("parallel.pcap");
    const QModelIndex cell = table("connections")->model()->index(0, ConnectionModel::Activity);
    QTRY_COMPARE(cell.data(ConnectionModel::kSparklineRole).toByteArray().size(),
                 qsizetype{Sparkline::kBins});
  }

  void opensWhatIsDroppedOnIt() {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(samplePath("socat.pcap"))});
    QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(window_.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(window_.get(), &drop);
    QTRY_VERIFY(window_->windowTitle().startsWith("socat.pcap"));
  }

  void forgetsTheFileBeforeWhenAnotherIsOpened() {
    open("vsock-test.pcap");
    click(table("connections"), 3);
    typeFilter("op rw");
    // Nothing of the first is waited for.
    window_->open(samplePath("nbd.pcap"));
    window_->open(samplePath("refused.pcap"));
    QTRY_VERIFY(window_->windowTitle().startsWith("refused.pcap"));
    typeFilter("");
    QTRY_COMPARE(table("packets")->model()->rowCount(), 2);
    QCOMPARE(table("connections")->model()->rowCount(), 1);
  }

  void saysWhyAFileCannotBeOpened() {
    QString said;
    QTimer closer;
    connect(&closer, &QTimer::timeout, this, [&] {
      auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
      if (box == nullptr) return;
      said = box->text();
      box->accept();
    });
    closer.start(10);
    window_->open("/nonexistent/file.pcap");
    QTRY_VERIFY(said.contains("/nonexistent/file.pcap"));
    QVERIFY(!table("connections")->isVisible());
  }

  void remembersFilesAndColumns() {
    open("socat.pcap");
    table("connections")->setColumnWidth(ConnectionModel::Client, 333);
    window_->close();
    window_ = std::make_unique<MainWindow>();
    QCOMPARE(table("connections")->columnWidth(ConnectionModel::Client), 333);
    QCOMPARE(QSettings().value("recentFiles").toStringList(),
             QStringList{samplePath("socat.pcap")});
  }

  void hasNamesForPeopleWhoDoNotSee() {
    open("socat.pcap");
    int count = 0;
    QStringList nameless;
    for (QWidget* widget : window_->findChildren<QWidget*>()) {
      if ((widget->focusPolicy() & Qt::TabFocus) == 0) continue;
      // Buttons and the like are read out by their text.
      const QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(widget);
      ++count;
      if (seen != nullptr && !seen->text(QAccessible::Name).isEmpty()) continue;
      nameless += QStringLiteral("%1 %2 in %3")
                      .arg(widget->metaObject()->className(), widget->objectName(),
                           widget->parentWidget()->metaObject()->className());
    }
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join('\n')));
    QVERIFY(count > 10);
  }

 private:
  /// Until workers have made what the views show.
  void waitForViews() const {
    QTest::qWait(20);
    QTRY_VERIFY(!window_->findChild<WorkIndicator*>()->isBusy());
  }
  void open(const QString& sample) {
    window_->open(samplePath(sample));
    QTRY_VERIFY(window_->windowTitle().startsWith(sample));
    QTRY_VERIFY(!window_->findChild<QProgressBar*>()->isVisible());
    QTRY_VERIFY(table("packets")->model()->rowCount() > 0);
    waitForViews();
  }
  QTableView* table(const QString& name) const { return window_->findChild<QTableView*>(name); }
  QTabWidget* tabs() const { return window_->findChild<QTabWidget*>(); }
  QPlainTextEdit* streamText() const {
    return window_->findChild<StreamView*>()->findChild<QPlainTextEdit*>();
  }
  QString cell(const QString& name, int row, int column) const {
    return table(name)->model()->index(row, column).data().toString();
  }
  bool visibleText(const QString& text) const {
    const auto labels = window_->findChildren<QLabel*>();
    return std::ranges::any_of(
        labels, [&](const QLabel* l) { return l->isVisible() && l->text().contains(text); });
  }
  QCheckBox* box(const QString& name) const {
    const auto boxes = window_->findChildren<QCheckBox*>();
    return *std::ranges::find_if(boxes,
                                 [&](QCheckBox* b) { return b->text().remove('&') == name; });
  }
  QString status() const { return window_->statusBar()->findChild<QLabel*>()->text(); }

  void showTab(const QString& name) {
    for (int tab = 0; tab < tabs()->count(); ++tab) {
      if (tabs()->tabText(tab) == name) tabs()->setCurrentIndex(tab);
    }
    QCOMPARE(tabs()->tabText(tabs()->currentIndex()), name);
    waitForViews();
  }
  static void click(QTableView* table, int row, Qt::KeyboardModifiers keys = {}) {
    const QRect place = table->visualRect(table->model()->index(row, 0));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, keys, place.center());
  }
  void typeFilter(const QString& text) {
    auto* line = window_->findChild<FilterBar*>()->findChild<QLineEdit*>();
    line->clear();
    QTest::keyClicks(line, text);
    QTest::keyClick(line, Qt::Key_Return);
    waitForViews();
  }

  std::unique_ptr<MainWindow> window_;
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::MainWindowTest)
#include "main_window_test.moc"
