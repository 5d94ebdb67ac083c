// SPDX-License-Identifier: GPL-2.0-or-later
// What the window is made of.
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QStatusBar>
#include <QToolBar>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/views/cell_delegate.h"
#include "gui/views/data_table.h"
#include "gui/views/main_window.h"
#include "gui/views/settings_keys.h"
#include "gui/views/start_page.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr QSize kFirstSize{1280, 800};

}  // namespace

MainWindow::MainWindow(QWidget* parent) : QMainWindow(parent), pages_(new QStackedWidget(this)) {
  setWindowTitle(tr("vsdump"));
  resize(kFirstSize);
  QEvent palette(QEvent::PaletteChange);
  changeEvent(&palette);
  setAcceptDrops(true);
  filterBar_ = new FilterBar(this);
  pages_->addWidget(buildEmptyPage());
  pages_->addWidget(buildTracePage());
  setCentralWidget(pages_);
  summary_ = new QLabel(this);
  live_ = new QLabel(this);
  work_ = new WorkIndicator(this);
  sourceBox_ = new QComboBox(this);
  sourceBox_->setAccessibleName(tr("Source"));
  sourceBox_->setToolTip(tr("Where packets come from: connections never span two of these."));
  fileName_ = new QLabel(this);
  progress_ = new QProgressBar(this);
  progress_->setRange(0, 100);
  progress_->setMaximumWidth(160);
  progress_->hide();
  summary_->setContentsMargins(6, 0, 0, 0);
  live_->setContentsMargins(0, 0, 16, 0);
  statusBar()->addWidget(summary_, 1);
  statusBar()->addPermanentWidget(work_);
  statusBar()->addPermanentWidget(progress_);
  statusBar()->addPermanentWidget(live_);
  statusBar()->addPermanentWidget(fileName_);
  buildMenus();
  connectViews();
  const QSettings settings;
  restoreGeometry(settings.value(kGeometryKey).toByteArray());
  for (QSplitter* splitter : splitters_) {
    splitter->restoreState(settings.value(kSplittersKey + splitter->objectName()).toByteArray());
  }
  for (QTableView* table : {connectionTable_, packetTable_, messages_->table()}) {
    const QByteArray state = settings.value(kColumnsKey + table->objectName()).toByteArray();
    const bool isRestored = table->horizontalHeader()->restoreState(state);
    if (table == connectionTable_) hasOwnColumns_ = isRestored;
  }
}

/// Gives hints a colour, at first and as the desktop becomes dark or light.
void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() != QEvent::PaletteChange) return;
  const QColor hint = hintColor(palette());
  if (palette().color(QPalette::PlaceholderText) == hint) return;
  QPalette own;  // all else stays the desktop's
  own.setColor(QPalette::PlaceholderText, hint);
  setPalette(own);
}

QWidget* MainWindow::buildEmptyPage() {
  auto* page = new StartPage(machine_);
  connect(page, &StartPage::openWanted, this, &MainWindow::askForFile);
  connect(page, &StartPage::captureWanted, this, &MainWindow::askForCapture);
  machine_.ask(captureProgram());
  return page;
}

QWidget* MainWindow::buildTables() {
  connectionTable_ = makeTable(&connectionModel_, tr("Connections"), QStringLiteral("connections"));
  connectionTable_->setSortingEnabled(true);
  connectionTable_->sortByColumn(ConnectionModel::Id, Qt::AscendingOrder);
  connectionTable_->setItemDelegateForColumn(
      ConnectionModel::State,
      new MarkDelegate(MarkDelegate::Mark::State, ConnectionModel::kStateRole, this));
  connectionTable_->setItemDelegateForColumn(ConnectionModel::Activity,
                                             new SparklineDelegate(this));
  connectionTable_->setItemDelegateForColumn(
      ConnectionModel::Finding,
      new MarkDelegate(MarkDelegate::Mark::Severity, ConnectionModel::kSeverityRole, this));
  setWidths(connectionTable_, {"9999", "__closed by server", "local:4294967295", "host:4294967295",
                               "vsock-test?", "999.999999", "999.9 ms", "Activity___", "999.9 MiB",
                               "999.9 MiB", "Handshake_", "99, 999.9 ms", "credit-stall"});

  findingTable_ = makeTable(&findingModel_, tr("Findings"), QStringLiteral("findings"));
  findingTable_->setSelectionMode(QAbstractItemView::SingleSelection);
  findingTable_->setItemDelegateForColumn(
      FindingModel::Code,
      new MarkDelegate(MarkDelegate::Mark::Severity, FindingModel::kSeverityRole, this));
  findingTable_->horizontalHeader()->setStretchLastSection(false);
  findingTable_->horizontalHeader()->setSectionResizeMode(FindingModel::Code, QHeaderView::Stretch);
  findingTable_->horizontalHeader()->setSectionResizeMode(FindingModel::ConnectionColumn,
                                                          QHeaderView::ResizeToContents);
  findingText_ = new QLabel(tr("Nothing was found yet."));
  findingText_->setWordWrap(true);
  findingText_->setMargin(8);
  findingText_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  findingText_->setTextInteractionFlags(Qt::TextBrowserInteraction);
  findingText_->setBackgroundRole(QPalette::Base);
  findingText_->setAutoFillBackground(true);
  auto* room = new QScrollArea;
  room->setWidget(findingText_);
  room->setWidgetResizable(true);
  room->setFrameShape(QFrame::NoFrame);
  room->setAccessibleName(tr("What was found"));
  auto* side = new QSplitter(Qt::Vertical);
  side->setObjectName(QStringLiteral("findings"));
  side->addWidget(findingTable_);
  side->addWidget(room);
  side->setSizes({150, 130});

  auto* above = new QSplitter(Qt::Horizontal);
  above->setObjectName(QStringLiteral("above"));
  above->addWidget(connectionTable_);
  above->addWidget(side);
  above->setStretchFactor(0, 1);
  above->setSizes({1040, 240});
  splitters_.insert(splitters_.end(), {side, above});
  return above;
}

QWidget* MainWindow::buildViews() {
  sequence_ = new SequenceView(marks_, messageModel_);
  timeline_ = new TimelineView;
  packetTable_ = makeTable(&packetModel_, tr("Packets"), QStringLiteral("packets"));
  packetTable_->setItemDelegate(new PacketDelegate(this));
  packetTable_->setItemDelegateForColumn(
      PacketModel::Info,
      new MarkDelegate(MarkDelegate::Mark::Severity, PacketModel::kSeverityRole, this));
  setWidths(packetTable_, {"__999999", "999.999999", "local:4294967295", "local:4294967295",
                           "CREDIT_UPDATE", "Payload", "999", "info"});
  messages_ = new MessagesView(messageModel_);
  stream_ = new StreamView;
  tabs_ = new QTabWidget;
  tabs_->setDocumentMode(true);
  tabs_->setAccessibleName(tr("Views of the packets"));
  tabs_->addTab(sequence_, tr("Sequence"));
  tabs_->addTab(timeline_, tr("Timeline"));
  tabs_->addTab(packetTable_, tr("Packets"));
  tabs_->addTab(messages_, tr("Messages"));
  tabs_->addTab(stream_, tr("Stream"));
  tabs_->setCornerWidget(buildScaleChoices());
  details_ = new DetailPanes;
  details_->setObjectName(QStringLiteral("details"));
  auto* below = new QSplitter(Qt::Horizontal);
  below->setObjectName(QStringLiteral("below"));
  below->addWidget(tabs_);
  below->addWidget(details_);
  below->setStretchFactor(0, 1);
  below->setSizes({760, 520});
  splitters_.insert(splitters_.end(), {static_cast<QSplitter*>(details_), below});
  return below;
}

/// How the sequence diagram shows time, beside the names of the views.
QWidget* MainWindow::buildScaleChoices() {
  const QSettings settings;
  toScale_ = new QAction(tr("&Time to scale"), this);
  toScale_->setShortcut(tr("Ctrl+Shift+T"));
  toScale_->setToolTip(tr("Packets stand as far apart as they came, instead of in even rows"));
  cutsQuiet_ = new QAction(tr("Compress &quiet time"), this);
  cutsQuiet_->setShortcut(tr("Ctrl+Shift+Y"));
  cutsQuiet_->setToolTip(tr("Where no packets came for long, a break says for how long"));
  auto* choices = new QWidget;
  auto* row = new QHBoxLayout(choices);
  row->setContentsMargins(8, 0, 8, 6);
  row->setSpacing(16);
  for (QAction* action : {toScale_, cutsQuiet_}) {
    action->setCheckable(true);
    const bool isScale = action == toScale_;
    action->setChecked(settings.value(isScale ? kToScaleKey : kCutsQuietKey, !isScale).toBool());
    auto* box = new QCheckBox(action->text());
    box->setToolTip(action->toolTip());
    box->setChecked(action->isChecked());
    connect(box, &QCheckBox::toggled, action, &QAction::setChecked);
    connect(action, &QAction::toggled, box, &QCheckBox::setChecked);
    connect(action, &QAction::toggled, this, &MainWindow::refreshViews);
    connect(action, &QAction::changed, box,
            [box, action] { box->setEnabled(action->isEnabled()); });
    row->addWidget(box);
  }
  connect(toScale_, &QAction::toggled, cutsQuiet_, &QAction::setEnabled);
  cutsQuiet_->setEnabled(toScale_->isChecked());
  return choices;
}

QWidget* MainWindow::buildTracePage() {
  auto* all = new QSplitter(Qt::Vertical);
  all->setObjectName(QStringLiteral("all"));
  all->addWidget(buildTables());
  all->addWidget(buildViews());
  all->setStretchFactor(1, 1);
  all->setSizes({260, 480});
  splitters_.push_back(all);
  for (QSplitter* splitter : splitters_) splitter->setChildrenCollapsible(false);
  return all;
}

void MainWindow::buildMenus() {
  const auto add = [this](QMenu* menu, const QString& text, const QKeySequence& keys, auto slot) {
    QAction* action = menu->addAction(text, this, slot);
    action->setShortcut(keys);
    return action;
  };
  buildFileMenu();
  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  add(edit, tr("&Copy"), QKeySequence::Copy, [this] { copySelection(); });
  add(edit, tr("&Filter"), tr("Ctrl+/"), [this] { filterBar_->focusLine(); });
  add(edit, tr("F&ind"), QKeySequence::Find, [this] { find(); });
  edit->addSeparator();
  add(edit, tr("&Mark or unmark packets"), tr("Ctrl+M"), [this] { markPackets(); });
  add(edit, tr("Next &mark"), tr("Ctrl+Shift+N"), [this] { stepToMark(true); });
  add(edit, tr("Previous m&ark"), tr("Ctrl+Shift+B"), [this] { stepToMark(false); });

  QMenu* go = menuBar()->addMenu(tr("&Go"));
  add(go, tr("Go to &packet …"), tr("Ctrl+G"), [this] { goToPacket(); });
  add(go, tr("Ne&xt packet"), tr("Ctrl+Down"), [this] { stepInList(1); });
  add(go, tr("P&revious packet"), tr("Ctrl+Up"), [this] { stepInList(-1); });
  add(go, tr("&First packet"), tr("Ctrl+Home"), [this] { chooseInList(0); });
  add(go, tr("&Last packet"), tr("Ctrl+End"),
      [this] { chooseInList(packetModel_.rowCount() - 1); });
  add(go, tr("&Next packet in connection"), tr("Ctrl+."), [this] { stepInConnection(true); });
  add(go, tr("&Previous packet in connection"), tr("Ctrl+,"), [this] { stepInConnection(false); });
  add(go, tr("&All connections"), tr("Ctrl+0"), [this] { chooseConnection(std::nullopt); });

  QMenu* view = menuBar()->addMenu(tr("&View"));
  for (int i = 0; i < tabs_->count(); ++i) {
    add(view, tabs_->tabText(i), QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1)),
        [this, i] { tabs_->setCurrentIndex(i); });
  }
  view->addSeparator();
  add(view, tr("Zoom &in"), QKeySequence::ZoomIn, [this] { sequence_->zoom(1.25); });
  add(view, tr("Zoom &out"), QKeySequence::ZoomOut, [this] { sequence_->zoom(0.8); });

  lanesByCid_ = add(view, tr("One &lane a CID"), tr("Ctrl+L"), [this] { refreshViews(); });
  lanesByCid_->setCheckable(true);
  lanesByCid_->setChecked(QSettings().value(kLanesByCidKey).toBool());
  view->addAction(toScale_);
  view->addAction(cutsQuiet_);

  QMenu* help = menuBar()->addMenu(tr("&Help"));
  add(help, tr("&Help"), QKeySequence::HelpContents, [this] { showHelp(); });
  add(help, tr("&About vsdump"), {}, [this] { about(); });

  QToolBar* bar = addToolBar(tr("Tools"));
  bar->setObjectName(QStringLiteral("tools"));
  bar->setMovable(false);
  bar->addAction(open_);
  bar->addAction(start_);
  bar->addAction(stop_);
  bar->addSeparator();
  sourceAction_ = bar->addWidget(sourceBox_);
  sourceAction_->setVisible(false);
  bar->addWidget(filterBar_);
  clearRange_ = bar->addAction({}, this, [this] { chooseRange(std::nullopt); });
  clearRange_->setToolTip(tr("Only what happened in this time is shown. Click to see all again."));
  clearRange_->setVisible(false);
}

void MainWindow::buildFileMenu() {
  QMenu* file = menuBar()->addMenu(tr("&File"));
  const auto add = [this, file](const QString& text, const QKeySequence& keys, auto slot) {
    QAction* action = file->addAction(text, this, slot);
    action->setShortcut(keys);
    return action;
  };
  open_ = add(tr("&Open …"), QKeySequence::Open, &MainWindow::askForFile);
  add_ =
      add(tr("&Add a file beside this one …"), tr("Ctrl+Shift+O"), &MainWindow::askForFileBeside);
  recent_ = file->addMenu(tr("Open &recent"));
  updateRecentFiles();
  follow_ = file->addAction(tr("Go on as files &grow"));
  follow_->setCheckable(true);
  file->addSeparator();
  start_ = add(tr("Start a &capture …"), tr("Ctrl+K"), &MainWindow::askForCapture);
  start_->setIconText(tr("Capture …"));
  stop_ = add(tr("&Stop"), tr("Ctrl+E"), &MainWindow::stopReading);
  restart_ = add(tr("R&estart the capture"), tr("Ctrl+R"), &MainWindow::restartCapture);
  restart_->setEnabled(false);
  file->addSeparator();
  saves_ = {add(tr("Sa&ve all packets …"), QKeySequence::Save,
                [this] { savePackets(tr("Save all packets"), {}, true); }),
            add(tr("Save the packets &shown …"), tr("Ctrl+Shift+S"),
                [this] {
                  const Rows rows = packetModel_.rows();
                  savePackets(tr("Save the packets shown"), predicateOf(rows), rows == nullptr);
                }),
            add(tr("Save the packets &marked …"), {}, [this] {
              savePackets(tr("Save the packets marked"), predicateOf(marks_.rows()), false);
            })};
  export_ = add(tr("E&xport diagram …"), tr("Ctrl+Shift+E"), &MainWindow::exportDiagram);
  export_->setEnabled(false);
  file->addSeparator();
  add(tr("&Quit"), QKeySequence::Quit, &MainWindow::close);
  updateActions();
}

/// Makes the connections' columns as wide as what is in them; the last one takes the rest, and
/// where that is too little, some of the activity's.
void MainWindow::fitColumns() {
  const QScopedValueRollback fitting(isFitting_, true);
  constexpr int kAround = 12;
  constexpr int kLeastWidth = 44;
  const QAbstractItemView* cellsOf = connectionTable_;
  // Rows that are still to be laid out may bring a scroll bar.
  int rest = connectionTable_->width() - connectionTable_->verticalScrollBar()->sizeHint().width() -
             cellsOf->sizeHintForColumn(ConnectionModel::ColumnCount - 1);
  const auto titleWidth = [this](int column) {
    const QVariant title = connectionModel_.headerData(column, Qt::Horizontal, Qt::DisplayRole);
    return connectionTable_->fontMetrics().horizontalAdvance(title.toString()) + kAround;
  };
  for (int column = 0; column + 1 < ConnectionModel::ColumnCount; ++column) {
    // The title of a narrow column shares it with the arrow of the order.
    const int width =
        std::max({titleWidth(column), cellsOf->sizeHintForColumn(column), kLeastWidth});
    connectionTable_->setColumnWidth(column, width);
    rest -= width;
  }
  constexpr int kActivity = ConnectionModel::Activity;
  const int lessened = connectionTable_->columnWidth(kActivity) + std::min(rest, 0);
  connectionTable_->setColumnWidth(kActivity, std::max(lessened, titleWidth(kActivity)));
}

void MainWindow::updateRecentFiles() {
  recent_->clear();
  const QStringList files = QSettings().value(kRecentFilesKey).toStringList();
  for (const QString& path : files) recent_->addAction(path, this, [this, path] { open(path); });
  recent_->setEnabled(!files.isEmpty());
}

void MainWindow::connectViews() {
  connect(filterBar_, &FilterBar::chosen, this, &MainWindow::runFilter);
  connect(sourceBox_, &QComboBox::currentIndexChanged, this, &MainWindow::chooseSource);
  liveRefresh_.setSingleShot(true);
  connect(&liveRefresh_, &QTimer::timeout, this, &MainWindow::refreshLive);
  connect(connectionTable_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
          &MainWindow::onConnectionsChosen);
  connect(connectionTable_->horizontalHeader(), &QHeaderView::sectionResized, this,
          [this](int column) {
            // The last one takes the rest by itself.
            const bool isLast = column == ConnectionModel::ColumnCount - 1;
            if (!isFitting_ && !isLast && isVisible()) hasOwnColumns_ = true;
          });
  const auto showFinding = [this](const QModelIndex& index) {
    if (index.isValid()) chooseFinding(index.row());
  };
  connect(findingTable_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          showFinding);
  // A second look at the same finding leads back to it.
  connect(findingTable_, &QTableView::clicked, this, showFinding);
  connect(findingTable_, &QTableView::activated, this,
          [this, showFinding](const QModelIndex& index) {
            showFinding(index);
            tabs_->setCurrentWidget(packetTable_);
          });
  connect(findingText_, &QLabel::linkActivated, this,
          [this](const QString& link) { choosePacketNumber(link.toULongLong()); });
  connect(packetTable_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) {
            if (index.isValid()) choosePacket(packetModel_.packetAt(index.row()));
          });
  connect(sequence_, &SequenceView::packetChosen, this, &MainWindow::choosePacket);
  connect(messages_, &MessagesView::chosen, this,
          [this](const MessageRow& message) { choosePacketNumber(raw(message.packet)); });
  connect(messages_, &MessagesView::opened, this, &MainWindow::openMessage);
  connect(timeline_, &TimelineView::rangeChosen, this,
          [this](const std::optional<std::array<double, 2>>& seconds) {
            if (!seconds || trace_.packetCount() == 0) return chooseRange(std::nullopt);
            const auto timeOf = [this](double s) {
              return trace_.timeNs(0) + static_cast<std::int64_t>(s * 1e9);
            };
            chooseRange(TimeRange{.fromNs = timeOf((*seconds)[0]), .toNs = timeOf((*seconds)[1])});
          });
  connect(stream_, &StreamView::formChosen, this, &MainWindow::refreshViews);
  connect(stream_, &StreamView::saveWanted, this, &MainWindow::saveStreamOf);
  connect(tabs_, &QTabWidget::currentChanged, this, &MainWindow::refreshViews);
  connect(tabs_, &QTabWidget::currentChanged, this,
          [this] { tabs_->cornerWidget()->setVisible(tabs_->currentWidget() == sequence_); });
  sparkTimer_.setSingleShot(true);
  connect(&sparkTimer_, &QTimer::timeout, this, &MainWindow::drawSparklines);
  const auto drawSoon = [this] {
    // While more is read, what is there changes all the time.
    if (!sparkTimer_.isActive()) sparkTimer_.start(isReading_ ? 2000 : 60);
  };
  connect(connectionTable_->verticalScrollBar(), &QScrollBar::valueChanged, this, drawSoon);
  connect(&connectionModel_, &QAbstractItemModel::layoutChanged, this, drawSoon);
  connect(&connectionModel_, &QAbstractItemModel::modelReset, this, drawSoon);
  connect(&connectionModel_, &QAbstractItemModel::rowsInserted, this, drawSoon);
  connect(&messageModel_, &QAbstractItemModel::modelReset, this, &MainWindow::summarizeMessages);
  // A view forgets what was chosen when other rows are shown.
  connect(&connectionModel_, &QAbstractItemModel::modelReset, this, &MainWindow::selectChosenRows);
  offerFilters(connectionTable_, ConnectionModel::kFilterRole);
  offerFilters(packetTable_, PacketModel::kFilterRole);
  offerFilters(messages_->table(), MessageModel::kFilterRole);
  offerFilters(findingTable_, FindingModel::kFilterRole);
  offerFilters(details_->tree(), DetailPanes::kFilterRole);
}

}  // namespace vsdump::gui
