// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/job.h"

#include <QTest>
#include <QThread>
#include <atomic>
#include <memory>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class JobTest : public QObject {
  Q_OBJECT

 private slots:
  void deliversInTheThreadThatBeganIt() {
    QThread* worker = nullptr;
    QThread* receiver = nullptr;
    const Job job([&](const std::stop_token&) -> Job::Delivery {
      worker = QThread::currentThread();
      return [&] { receiver = QThread::currentThread(); };
    });
    QTRY_VERIFY(receiver != nullptr);
    QCOMPARE(receiver, QThread::currentThread());
    QVERIFY(worker != receiver);
  }

  void deliversNothingAfterItsEnd() {
    std::atomic<bool> isDone = false;
    bool isDelivered = false;
    auto job = std::make_unique<Job>([&](const std::stop_token&) -> Job::Delivery {
      isDone = true;
      return [&] { isDelivered = true; };
    });
    while (!isDone) QThread::yieldCurrentThread();
    job.reset();
    QCoreApplication::processEvents();
    QVERIFY(!isDelivered);
  }

  void isStoppedByItsEnd() {
    std::atomic<bool> wasStopped = false;
    auto job = std::make_unique<Job>([&](const std::stop_token& stop) -> Job::Delivery {
      while (!stop.stop_requested()) QThread::yieldCurrentThread();
      wasStopped = true;
      return {};
    });
    job.reset();
    QVERIFY(wasStopped);
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::JobTest)
#include "job_test.moc"
