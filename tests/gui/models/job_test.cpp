// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/job.h"

#include <sys/resource.h>
#include <unistd.h>

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
    const auto isDone = std::make_shared<std::atomic<bool>>(false);
    const auto isDelivered = std::make_shared<bool>(false);
    auto job = std::make_unique<Job>([=](const std::stop_token&) -> Job::Delivery {
      *isDone = true;
      return [=] { *isDelivered = true; };
    });
    while (!*isDone) QThread::yieldCurrentThread();
    job.reset();
    QCoreApplication::processEvents();
    QVERIFY(!*isDelivered);
  }

  void isStoppedByItsEnd() {
    const auto wasStopped = std::make_shared<std::atomic<bool>>(false);
    auto job = std::make_unique<Job>([=](const std::stop_token& stop) -> Job::Delivery {
      while (!stop.stop_requested()) QThread::yieldCurrentThread();
      *wasStopped = true;
      return {};
    });
    job.reset();
    QTRY_VERIFY(*wasStopped);
  }

  void isNotWaitedForAtItsEnd() {
    const auto mayEnd = std::make_shared<std::atomic<bool>>(false);
    const auto isOver = std::make_shared<std::atomic<bool>>(false);
    auto job = std::make_unique<Job>([=](const std::stop_token&) -> Job::Delivery {
      while (!*mayEnd) QThread::yieldCurrentThread();
      *isOver = true;
      return {};
    });
    job.reset();
    QVERIFY(!*isOver);
    *mayEnd = true;
    QTRY_VERIFY(*isOver);
  }

  void givesWayToTheWindow() {
    int niceness = 0;
    const Job job([&](const std::stop_token&) -> Job::Delivery {
      const int own = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
      return [&, own] { niceness = own; };
    });
    const int ofWindow = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
    QTRY_VERIFY(niceness > ofWindow || niceness == 19);
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::JobTest)
#include "job_test.moc"
