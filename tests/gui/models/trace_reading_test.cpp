// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_reading.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <climits>
#include <map>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

using Ending = TraceLoader::Ending;

class TraceReadingTest : public QObject {
  Q_OBJECT

 private slots:
  void showsPacketsWhileTheyCome() {
    std::size_t least = SIZE_MAX;
    const Loaded loaded = load(playing({"play", samplePath("parallel.pcap")}),
                               [&](TraceLoader& loader, const Loaded& now) {
                                 if (now.trace.packetCount() == 0) return;
                                 least = std::min(least, now.trace.packetCount());
                                 if (now.trace.packetCount() == 71) loader.stop();
                               });
    QCOMPARE(loaded.ending, Ending::Stopped);
    QVERIFY(loaded.isTemporary);
    QVERIFY(least < 71);
    QVERIFY(loaded.updates > 2);
    QVERIFY(loaded.notices.front().startsWith("listening on vsockmon0"));
    expectSamePackets(loaded.trace, samplePath("parallel.pcap"));
    QCOMPARE(loaded.trace.connections().size(), traceOf("parallel.pcap").connections().size());
  }

  void endsWhenTheProgramHasNoMore() {
    const Loaded loaded = load(playing({"once", samplePath("socat.pcap"), "100"}));
    QCOMPARE(loaded.ending, Ending::Whole);
    expectSamePackets(loaded.trace, samplePath("socat.pcap"));
  }

  void showsTheErrorsOfAProgramAsTheyAre() {
    const Loaded loaded = load(playing({"fail"}));
    QCOMPARE(loaded.ending, Ending::Failed);
    QVERIFY2(loaded.message.contains(
                 "vsdump: cannot capture on vsockmon9: No such device. Look at `vsdump -D`."),
             qPrintable(loaded.message));
    QVERIFY(!loaded.trace.isOpen());
  }

  void saysThatAProgramIsMissing() {
    const Loaded loaded = load(TraceInput{.name = "vsockmon0", .command = {"/nonexistent/vsdump"}});
    QCOMPARE(loaded.ending, Ending::Failed);
    QVERIFY2(loaded.message.contains("/nonexistent/vsdump: No such file"),
             qPrintable(loaded.message));
  }

  void saysWhereMissingProgramsOfTheSystemAre() {
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", "/nonexistent");
    const Loaded administrator = load(TraceInput{.command = {"pkexec"}});
    const Loaded otherHost = load(TraceInput{.command = {"ssh"}});
    qputenv("PATH", path);
    QCOMPARE(administrator.message, QString("cannot start pkexec: No such file or directory. "
                                            "Debian has it in the package pkexec."));
    QCOMPARE(otherHost.message, QString("cannot start ssh: No such file or directory. "
                                        "Debian has it in the package openssh-client."));
  }

  void keepsWhatCameBeforeAProgramWasKilled() {
    const Loaded loaded = load(playing({"die", samplePath("socat.pcap")}));
    QCOMPARE(loaded.ending, Ending::Failed);
    QVERIFY2(loaded.message.contains("signal 9"), qPrintable(loaded.message));
    QCOMPARE(loaded.trace.packetCount(), std::size_t{5});
  }

  void givesWayButNotItsProgram() {
    const int own = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
    int ofProgram = INT_MAX;
    const QStringList words{"play", samplePath("socat.pcap"), "100"};
    (void)load(playing(words), [&](TraceLoader& loader, const Loaded& now) {
      if (ofProgram != INT_MAX) return;
      ofProgram = ::getpriority(PRIO_PROCESS, static_cast<id_t>(processIn(now.notices)));
      loader.stop();
    });
    QCOMPARE(ofProgram, own);
  }

  void stopsAProgramThatDoesNotAnswer() {
    QElapsedTimer time;
    time.start();
    qint64 process = 0;
    const QStringList words{"hang", samplePath("socat.pcap")};
    const Loaded loaded = load(playing(words), [&](TraceLoader& loader, const Loaded& now) {
      process = processIn(now.notices);
      if (now.trace.packetCount() > 0) loader.stop();
    });
    QCOMPARE(loaded.ending, Ending::Stopped);
    QVERIFY(time.elapsed() < 10'000);
    QTRY_VERIFY(isOver(process));
  }

  void waitsForNothingOfAProgramThatHasNotBegun() {
    QElapsedTimer time;
    (void)load(playing({"hang"}), [&](TraceLoader& loader, const Loaded&) {
      time.start();
      loader.stop();
    });
    QVERIFY(time.elapsed() < 1000);
  }

  void stopsAProgramThatNeverStopsToSpeak() {
    const Loaded loaded = load(playing({"shout"}), [&](TraceLoader& loader, const Loaded& now) {
      loader.stop();
      QVERIFY(now.notices.back().size() < 10'000);
    });
    QCOMPARE(loaded.ending, Ending::Stopped);
  }

  void leavesNoProgramThatDoesNotNoticeThatNobodyReads() {
    qint64 process = 0;
    const Loaded loaded = load(playing({"wait"}), [&](TraceLoader& loader, const Loaded& now) {
      QVERIFY(now.notices.back().endsWith(QString::number(processIn(now.notices))));
      process = processIn(now.notices);
      loader.stop();
    });
    QVERIFY(process > 0);
    QTRY_VERIFY(isOver(process));
  }

  void givesAProgramNoTerminal() {
    pid_t session = 0;
    qint64 process = 0;
    (void)load(playing({"wait"}), [&](TraceLoader& loader, const Loaded& now) {
      process = processIn(now.notices);
      session = ::getsid(static_cast<pid_t>(process));
      loader.stop();
    });
    QCOMPARE(session, process);
  }

  void waitsForNoProgramThatLingersWhenItIsDestroyed() {
    QElapsedTimer time;
    qint64 process = 0;
    {
      TraceLoader loader;
      connect(
          &loader, &TraceLoader::noticed, this,
          [&](const QString& notice) { process = processIn({notice}); }, Qt::QueuedConnection);
      std::size_t packets = 0;
      connect(
          &loader, &TraceLoader::updated, this,
          [&](const auto& update) { packets = update->packets; }, Qt::QueuedConnection);
      loader.open(playing({"linger", samplePath("socat.pcap")}));
      QTRY_COMPARE(packets, std::size_t{26});
      QTest::qWait(100);
      time.start();
    }
    QVERIFY(time.elapsed() < 500);
    QTRY_VERIFY(isOver(process));
  }

  void takesAProgramWithItWhenItIsDestroyed() {
    qint64 process = 0;
    {
      TraceLoader loader;
      QStringList notices;
      connect(
          &loader, &TraceLoader::noticed, this, [&](const QString& notice) { notices += notice; },
          Qt::QueuedConnection);
      loader.open(playing({"play", samplePath("credit-stall.pcap")}));
      QTRY_VERIFY(!notices.isEmpty());
      process = processIn(notices);
    }
    QVERIFY(process > 0);
    QTRY_VERIFY(isOver(process));
  }

  void followsAFileThatGrows() {
    QFile whole(samplePath("parallel.pcap"));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    const QByteArray bytes = whole.readAll();
    QTemporaryDir folder;
    QFile file(folder.filePath("growing.pcap"));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    // In the middle of a record.
    file.write(bytes.left(1001));
    std::size_t before = 0;
    const Loaded loaded = load(TraceInput{.name = file.fileName().toStdString(), .follow = true},
                               [&](TraceLoader& loader, const Loaded& now) {
                                 if (before == 0) file.write(bytes.mid(1001));
                                 if (before == 0) before = now.trace.packetCount();
                                 if (now.trace.packetCount() == 71) loader.stop();
                               });
    QCOMPARE(loaded.ending, Ending::Stopped);
    QVERIFY(!loaded.isTemporary);
    QVERIFY(before > 0 && before < 71);
    expectSamePackets(loaded.trace, samplePath("parallel.pcap"));
  }

  void readsFromAPipeWhoseWriterComesLater() {
    QTemporaryDir folder;
    const QString path = folder.filePath("pipe");
    QCOMPARE(::mkfifo(path.toUtf8().constData(), 0600), 0);
    QProcess writer;
    QTimer::singleShot(50, this, [&] {
      writer.start("sh", {"-c", "cat \"$1\" >\"$2\"", "sh", samplePath("socat.pcap"), path});
    });
    const Loaded loaded = load(path);
    QCOMPARE(loaded.ending, Ending::Whole);
    QVERIFY(loaded.isTemporary);
    expectSamePackets(loaded.trace, samplePath("socat.pcap"));
    QTRY_COMPARE(writer.state(), QProcess::NotRunning);
  }

  void stopsWhileItWaitsForAPipe() {
    QTemporaryDir folder;
    const QString path = folder.filePath("pipe");
    QCOMPARE(::mkfifo(path.toUtf8().constData(), 0600), 0);
    QElapsedTimer time;
    time.start();
    {
      TraceLoader loader;
      loader.open(path.toStdString());
      QTest::qWait(20);
    }
    QVERIFY(time.elapsed() < 1000);
  }

  void saysThatTheDiskIsFull() {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &usual), 0);
    const rlimit little{.rlim_cur = 1000, .rlim_max = usual.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &little), 0);
    const Loaded loaded = load(playing({"once", samplePath("vsock-test.pcap"), "1000"}));
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &usual), 0);
    QCOMPARE(loaded.ending, Ending::Failed);
    QVERIFY2(loaded.message.contains("keep the packets in a temporary file"),
             qPrintable(loaded.message));
  }

  void addsASourceOfItsOwnInTheOrderOfTime() {
    const Trace first = traceOf("parallel.pcap");
    const Loaded both =
        loadBeside(first, TraceInput{.name = samplePath("parallel.pcap").toStdString()});
    QCOMPARE(both.ending, Ending::Whole);
    // The same traffic twice: each packet stands beside its twin, in a connection of its own.
    QCOMPARE(both.trace.packetCount(), 2 * first.packetCount());
    QCOMPARE(both.trace.connections().size(), 2 * first.connections().size());
    QCOMPARE(both.trace.sources().size(), std::size_t{2});
    QCOMPARE(both.trace.sources()[1].name, std::string("parallel.pcap"));
    std::map<std::uint32_t, std::uint16_t> sourceOf;
    for (Row row = 0; row < both.trace.packetCount(); ++row) {
      QCOMPARE(both.trace.number(row), row + 1);
      QVERIFY(row == 0 || both.trace.timeNs(row - 1) <= both.trace.timeNs(row));
      const PacketBytes read = both.trace.read(row);
      QVERIFY(read.bytes == first.read(row / 2).bytes);
      const auto [known, isNew] =
          sourceOf.emplace(raw(both.trace.observation(row).connection), both.trace.sourceOf(row));
      QCOMPARE(known->second, both.trace.sourceOf(row));
    }
  }

  void addsAFileToWhatWasCaptured() {
    const Loaded live = load(playing({"once", samplePath("socat.pcap"), "100"}));
    const Loaded both =
        loadBeside(live.trace, TraceInput{.name = samplePath("ssh.pcap").toStdString()});
    QCOMPARE(both.trace.packetCount(), std::size_t{26 + 60});
    QCOMPARE(both.trace.connections().size(),
             live.trace.connections().size() + traceOf("ssh.pcap").connections().size());
  }

 private:
  static qint64 processIn(const QStringList& notices) {
    static const QRegularExpression pattern("process (\\d+)");
    return pattern.match(notices.join(' ')).captured(1).toLongLong();
  }
  static bool isOver(qint64 process) { return ::kill(static_cast<pid_t>(process), 0) != 0; }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::TraceReadingTest)
#include "trace_reading_test.moc"
