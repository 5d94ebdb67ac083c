// SPDX-License-Identifier: GPL-2.0-or-later
// How fast the window is: bench_gui load FILE, or bench_gui live FILE RATE [FILTER], which has the
// packets of a pcap file come so many a second. Prints a JSON object. As "vsdump", it is what the
// window captures with.
#include <sys/resource.h>
#include <unistd.h>

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <thread>

#include "gui/views/main_window.h"

namespace vsdump::gui {

namespace {

constexpr qsizetype kFileHeader = 24;
constexpr qsizetype kRecordHeader = 16;

/// Writes so many packets a second, in slices of a hundredth.
int pace(const QString& path, std::uint64_t rate) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return EXIT_FAILURE;
  const uchar* bytes = file.map(0, file.size());
  const auto begin = std::chrono::steady_clock::now();
  qsizetype done = 0;
  qsizetype at = kFileHeader;
  for (std::uint64_t packets = 0; at < file.size();) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    const auto due = static_cast<std::uint64_t>(passed.count() * static_cast<double>(rate));
    for (; packets < due && at < file.size(); ++packets) {
      std::uint32_t length = 0;
      std::memcpy(&length, bytes + at + 8, sizeof length);
      at += kRecordHeader + length;
    }
    while (done < at) {
      const ssize_t count =
          ::write(STDOUT_FILENO, bytes + done, static_cast<std::size_t>(at - done));
      if (count < 0) return EXIT_FAILURE;
      done += count;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return EXIT_SUCCESS;
}

/// That the calling thread has had of a processor.
qint64 workedNs() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return qint64{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Looks on while the window works, and says what came when.
class Watch : public QObject {
 public:
  explicit Watch(MainWindow& window)
      : rows_(window.findChild<QTableView*>(QStringLiteral("packets"))->model()) {
    for (QAction* action : window.findChildren<QAction*>()) {
      if (action->text().remove('&') == QStringLiteral("Stop")) stop_ = action;
    }
    connect(&ticks_, &QTimer::timeout, this, [this] { look(); });
    ticks_.start(1);
    time_.start();
  }

 private:
  void look() {
    const qint64 now = time_.nsecsElapsed();
    const qint64 worked = workedNs();
    // What comes before is the window's first picture.
    if (last_ != 0) {
      longest_ = std::max(longest_, now - last_);
      longestWork_ = std::max(longestWork_, worked - lastWorked_);
    }
    last_ = now;
    lastWorked_ = worked;
    if (firstRows_ == 0 && rows_->rowCount() > 0) firstRows_ = now;
    if (firstRows_ == 0 || stop_->isEnabled()) return;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::printf(
        "{\"packets\":%d,\"first_rows_s\":%.3f,\"all_s\":%.3f,\"longest_wait_ms\":%.1f,"
        "\"longest_work_ms\":%.1f,\"cpu_s\":%.2f,\"mib\":%ld}\n",
        rows_->rowCount(), static_cast<double>(firstRows_) / 1e9, static_cast<double>(now) / 1e9,
        static_cast<double>(longest_) / 1e6, static_cast<double>(longestWork_) / 1e6,
        seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss / 1024);
    std::fflush(stdout);
    std::_Exit(EXIT_SUCCESS);
  }

  QAbstractItemModel* rows_;
  QAction* stop_ = nullptr;
  QTimer ticks_;
  QElapsedTimer time_;
  qint64 firstRows_ = 0;
  qint64 last_ = 0;
  qint64 lastWorked_ = 0;
  qint64 longest_ = 0;
  qint64 longestWork_ = 0;  // of a wait, what is the window's own doing
};

int run(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  QCoreApplication::setOrganizationName(QStringLiteral("vsdump-bench"));
  const QStringList words = QCoreApplication::arguments();
  MainWindow window;
  window.show();
  const Watch watch(window);
  QTemporaryDir folder;
  if (words.value(1) == QStringLiteral("load")) {
    window.open(words.value(2));
  } else {
    QFile::link(QCoreApplication::applicationFilePath(), folder.filePath("vsdump"));
    qputenv("PATH", folder.path().toUtf8());
    qputenv("BENCH_FILE", words.value(2).toUtf8());
    qputenv("BENCH_RATE", words.value(3).toUtf8());
    window.capture({});
    if (words.size() > 4) window.findChild<FilterBar*>()->apply(words[4]);
  }
  return QApplication::exec();
}

}  // namespace

}  // namespace vsdump::gui

int main(int argc, char** argv) {
  if (QFileInfo(QString::fromLocal8Bit(argv[0])).fileName() != QStringLiteral("vsdump")) {
    return vsdump::gui::run(argc, argv);
  }
  if (argc > 1 && std::strcmp(argv[1], "--pcapng") != 0) return EXIT_SUCCESS;  // doctor, devices
  return vsdump::gui::pace(qEnvironmentVariable("BENCH_FILE"),
                           static_cast<std::uint64_t>(qEnvironmentVariableIntValue("BENCH_RATE")));
}
