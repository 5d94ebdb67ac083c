// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

// Makes a pcap file of vsock traffic as a host sees it, the same file from the same arguments:
//   bench_generate PACKETS CONNECTIONS PACKETS_A_CONNECTION PAYLOAD > FILE
// CONNECTIONS are alive at a time. Each is a REQUEST, a RESPONSE, RW both ways with a CREDIT_UPDATE
// now and then, a SHUTDOWN and a RST; 0 packets a connection: they never end. PAYLOAD is the mean
// of an RW in bytes.

namespace {

struct Side {
  std::uint32_t sent = 0;
  std::uint32_t told = 0;  // fwd_cnt that the other side knows of
};

struct Connection {
  std::uint32_t guest = 0;
  std::uint32_t port = 0;
  std::uint32_t packets = 0;  // so far
  std::uint32_t length = 0;   // packets in its life
  Side host{};
  Side vm{};
};

class Writer {
 public:
  Writer() : buffer_(std::size_t{1} << 20) {}
  ~Writer() { flush(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  template <typename Integer>
  void put(Integer value) {
    put(&value, sizeof value);
  }
  void put(const void* bytes, std::size_t size) {
    if (used_ + size > buffer_.size()) flush();
    std::memcpy(buffer_.data() + used_, bytes, size);
    used_ += size;
  }

 private:
  void flush() {
    if (std::fwrite(buffer_.data(), 1, used_, stdout) != used_) std::exit(1);
    used_ = 0;
  }

  std::vector<char> buffer_;
  std::size_t used_ = 0;
};

class Generator {
 public:
  Generator(std::uint32_t connections, std::uint32_t length, std::uint32_t payload)
      : length_(length), payloadMean_(payload), payload_(65536), live_(connections) {
    for (std::size_t i = 0; i < payload_.size(); ++i) payload_[i] = static_cast<char>(i * 31 % 251);
    for (Connection& connection : live_) renew(connection);
    writer_.put(std::uint32_t{0xa1b2c3d4});
    writer_.put(std::uint16_t{2});
    writer_.put(std::uint16_t{4});
    writer_.put(std::uint64_t{0});
    writer_.put(std::uint32_t{262144});
    writer_.put(std::uint32_t{271});
  }

  void packet() {
    Connection& connection = live_[random_() % live_.size()];
    const std::uint32_t number = connection.packets++;
    if (number == 0) return record(connection, true, 1, 1, 0, 0);
    if (number == 1) return record(connection, false, 1, 2, 0, 0);
    if (connection.length != 0 && number + 2 == connection.length) {
      return record(connection, true, 2, 4, 3, 0);
    }
    if (connection.length != 0 && number + 1 >= connection.length) {
      record(connection, false, 2, 3, 0, 0);
      return renew(connection);
    }
    const bool fromHost = random_() % 2 == 0;
    Side& other = fromHost ? connection.vm : connection.host;
    Side& side = fromHost ? connection.host : connection.vm;
    if (random_() % 4 == 0 || side.sent - side.told > 131072) {
      // The other side's data was read: this one tells it, or is told.
      other.told = other.sent;
      side.told = side.sent;
      return record(connection, fromHost, 3, 6, 0, 0);
    }
    const std::uint32_t size = 1 + static_cast<std::uint32_t>(random_() % (2 * payloadMean_));
    side.sent += std::min<std::uint32_t>(size, 65536);
    record(connection, fromHost, 4, 5, 0, std::min<std::uint32_t>(size, 65536));
  }

 private:
  void renew(Connection& connection) {
    connection = {.guest = 3 + static_cast<std::uint32_t>(random_() % 8),
                  .port = nextPort_++,
                  .length = length_};
  }

  void record(const Connection& connection, bool fromHost, std::uint16_t monitorOp,
              std::uint16_t op, std::uint32_t flags, std::uint32_t payload) {
    time_ += 1 + random_() % 20;
    writer_.put(static_cast<std::uint32_t>(1'700'000'000 + time_ / 1'000'000));
    writer_.put(static_cast<std::uint32_t>(time_ % 1'000'000));
    writer_.put(std::uint32_t{76 + payload});
    writer_.put(std::uint32_t{76 + payload});
    const std::array<std::uint64_t, 2> cids{fromHost ? 2U : connection.guest,
                                            fromHost ? connection.guest : 2U};
    const std::array<std::uint32_t, 2> ports{fromHost ? connection.port : 1024U,
                                             fromHost ? 1024U : connection.port};
    writer_.put(cids);
    writer_.put(ports);
    writer_.put(monitorOp);
    writer_.put(std::uint16_t{2});
    writer_.put(std::uint32_t{44});
    writer_.put(cids);
    writer_.put(ports);
    writer_.put(payload);
    writer_.put(std::uint16_t{1});
    writer_.put(op);
    writer_.put(flags);
    writer_.put(std::uint32_t{262144});
    writer_.put(fromHost ? connection.vm.told : connection.host.told);
    writer_.put(payload_.data(), payload);
  }

  std::mt19937_64 random_{20170612};  // the same file each time
  std::uint32_t length_;
  std::uint32_t payloadMean_;
  std::vector<char> payload_;
  std::vector<Connection> live_;
  std::uint32_t nextPort_ = 50000;
  std::uint64_t time_ = 0;  // microseconds
  Writer writer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench_generate PACKETS CONNECTIONS PACKETS_A_CONNECTION PAYLOAD > FILE\n",
               stderr);
    return 2;
  }
  const auto number = [&](int index) {
    return static_cast<std::uint32_t>(std::strtoul(argv[index], nullptr, 10));
  };
  if (number(2) == 0 || number(4) == 0) return 2;
  Generator generator(number(2), number(3), number(4));
  for (std::uint32_t i = 0; i < number(1); ++i) generator.packet();
}
