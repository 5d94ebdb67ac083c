# SPDX-License-Identifier: GPL-2.0-or-later
"""The samples: each with the traffic that it records and what it shows. README.md is made from this."""

from dataclasses import dataclass

VHOST = ("vhost_vsock",)


@dataclass(frozen=True)
class Sample:
    """A capture file.

    `commands` run in bash inside a test machine with that kernel, where `await PORT...` waits until somebody
    listens; without them, built.py makes the file. `shows` is one or more whole sentences for a reader who has only the
    file."""

    name: str
    shows: str
    commands: str = ""
    kernel: str = "6.1"
    modules: tuple = ("vsock_loopback",)
    capture: str = "tcpdump -i vsockmon0 -w {file}"
    suffix: str = "pcap"
    keeps: str = ""  # a filter of vsdump's for what is kept; everything without

    @property
    def isBuilt(self):
        return not self.commands

    @property
    def file(self):
        return f"{self.name}.{self.suffix}"

    def captureCommand(self, path=None):
        """The words of the program that captures, without what the machine's recorder adds."""
        return self.capture.format(file=path or self.file)


SAMPLES = (
    Sample(
        "python-hello",
        "Two Python sockets on one kernel: a connection, one line each way, and a graceful close. The server's kernel"
        " answers SHUTDOWN with RST at once; the second RST comes from the server's own close() and is normal too.",
        """
        tests/vm/lab/traffic.py hello port=1234
        """,
    ),
    Sample(
        "refused",
        "Nobody listens at the port: a REQUEST is answered by a RST without credit, and connect() says"
        " ECONNRESET.",
        """
        ncat --vsock 1 4321 </dev/null || true
        """,
    ),
    Sample(
        "ncat",
        "ncat at both ends, one line each way.",
        """
        echo 'from the server' | ncat --vsock -l 5000 &
        await 5000
        echo 'from the client' | ncat --vsock 1 5000
        """,
    ),
    Sample(
        "socat",
        "socat with a program behind each connection: two clients, one after the other, are answered in capitals.",
        """
        socat VSOCK-LISTEN:5000,fork EXEC:'tr a-z A-Z' &
        await 5000
        echo 'the first client' | socat -t 5 - VSOCK-CONNECT:1:5000
        echo 'the second client' | socat -t 5 - VSOCK-CONNECT:1:5000
        """,
    ),
    Sample(
        "host-cid",
        "A client that connects to CID 2 over loopback. What it sends goes from CID 1 to CID 2; the answers come from"
        " CID 1 to CID 1, and the last RST, of which no socket knows any more, from CID 2. It is one connection.",
        """
        socat VSOCK-LISTEN:5000 EXEC:'tr a-z A-Z' &
        await 5000
        echo 'over the host CID' | socat -t 5 - VSOCK-CONNECT:2:5000
        """,
    ),
    Sample(
        "ssh",
        "A command over ssh, with socat as the client's ProxyCommand and in front of sshd.",
        """
        ssh-keygen -q -t ed25519 -N '' -f /tmp/host
        ssh-keygen -q -t ed25519 -N '' -f /tmp/user
        cat > /tmp/sshd_config <<END
        HostKey /tmp/host
        AuthorizedKeysFile /tmp/user.pub
        StrictModes no
        UsePAM no
        PermitRootLogin yes
        END
        socat VSOCK-LISTEN:22 EXEC:'/usr/sbin/sshd -i -f /tmp/sshd_config' &
        await 22
        ssh -F none -i /tmp/user -o ProxyCommand='socat - VSOCK-CONNECT:1:22' \
            -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@vm uname -r
        """,
    ),
    Sample(
        "http",
        "curl and Python's http.server with socat on both sides: a page and one that is not there in one connection, then"
        " a HEAD request in another.",
        """
        mkdir /tmp/pages
        echo 'a page that came over vsock' > /tmp/pages/page.txt
        python3 -m http.server --protocol HTTP/1.1 --directory /tmp/pages --bind 127.0.0.1 8000 &
        socat VSOCK-LISTEN:80,fork TCP:127.0.0.1:8000 &
        socat TCP-LISTEN:8080,fork VSOCK-CONNECT:1:80 &
        await 8000 80 8080
        format='%{time_pretransfer} %{time_total}\\n'
        curl -s -w "$format" -o /dev/null -o /dev/null http://127.0.0.1:8080/{page,missing}.txt >/tmp/calls
        curl -sI -w "$format" -o /dev/null http://127.0.0.1:8080/page.txt >>/tmp/calls
        """,
    ),
    Sample(
        "tls",
        "TLS 1.3 with openssl behind socat; the ClientHello names tls.example.",
        """
        openssl req -x509 -newkey ed25519 -nodes -subj /CN=tls.example -keyout /tmp/key -out /tmp/certificate
        openssl s_server -quiet -accept 127.0.0.1:4433 -www -key /tmp/key -cert /tmp/certificate &
        socat VSOCK-LISTEN:443 TCP:127.0.0.1:4433 &
        socat TCP-LISTEN:8443 VSOCK-CONNECT:1:443 &
        await 4433 443 8443
        curl -s --cacert /tmp/certificate --resolve tls.example:8443:127.0.0.1 https://tls.example:8443/ \
            -o /dev/null -w '%{time_connect} %{time_appconnect}\\n' >/tmp/calls
        """,
    ),
    Sample(
        "nbd",
        "nbdkit serves a small disk: nbdinfo asks for its properties, nbdcopy writes to it, then reads it back over four"
        " connections at once.",
        """
        nbdkit --vsock --foreground memory 16k &
        await 10809
        nbdinfo nbd+vsock://1/
        head -c 16384 <(yes 'data on the disk') > /tmp/disk
        nbdcopy --connections=1 /tmp/disk nbd+vsock://1/
        nbdcopy --request-size=4096 nbd+vsock://1/ /tmp/copy
        cmp /tmp/disk /tmp/copy
        """,
    ),
    Sample(
        "ttrpc",
        "containerd's ttRPC with the names of Kata's agent: a container is created, started and asked for statistics while"
        " another call waits for its end; then an error, a call that takes longer than its client waits, and a method that"
        " the server does not have.",
        """
        "$TTRPC_PAIR" server 1024 &
        await 1024
        "$TTRPC_PAIR" client 1024 >/tmp/calls
        """,
    ),
    Sample(
        "grpc",
        "gRPC between two Python programs with socat on both sides: calls, one that fails, a stream, a call of Kata 1.x, and"
        " a method that the server does not have.",
        """
        tests/vm/lab/payload.py grpcServer path=/tmp/server.socket &
        until [ -S /tmp/server.socket ]; do sleep 0.1; done
        socat VSOCK-LISTEN:50051,fork UNIX-CONNECT:/tmp/server.socket &
        socat UNIX-LISTEN:/tmp/client.socket,fork VSOCK-CONNECT:1:50051 &
        await 50051 /tmp/client.socket
        tests/vm/lab/payload.py grpcClient path=/tmp/client.socket >/tmp/calls
        """,
    ),
    Sample(
        "http2",
        "curl and nghttpd, HTTP/2 without TLS with socat on both sides: a page, and one that is not there.",
        """
        mkdir -p /tmp/pages2
        seq 100 > /tmp/pages2/numbers.txt
        nghttpd --no-tls --htdocs=/tmp/pages2 --address=127.0.0.1 8002 &
        socat VSOCK-LISTEN:8080,fork TCP:127.0.0.1:8002 &
        socat TCP-LISTEN:8082,fork VSOCK-CONNECT:1:8080 &
        await 8002 8080 8082
        for page in numbers missing; do
            curl -s --http2-prior-knowledge -o /dev/null -w '%{http_code} %{size_download} %{time_total}\\n' \
                "http://127.0.0.1:8082/$page.txt"
        done >/tmp/calls
        """,
    ),
    Sample(
        "http2-upgrade",
        "curl at nghttpx, in front of a server that takes a second for a page, with socat on both sides: two pages over"
        " HTTP/1.1, then four in a connection that the first of them upgrades to HTTP/2.",
        """
        tests/vm/lab/payload.py httpServer port=8003 2>/dev/null &
        nghttpx --conf=/dev/null --workers=1 --frontend='127.0.0.1,8004;no-tls' --backend=127.0.0.1,8003 2>/dev/null &
        socat VSOCK-LISTEN:8081,fork TCP:127.0.0.1:8004 &
        socat TCP-LISTEN:8084,fork VSOCK-CONNECT:1:8081 &
        await 8003 8004 8081 8084
        format='%{http_version} %{http_code} %{size_download} %{time_pretransfer} %{time_total}\\n'
        curl -s --http1.1 -o /dev/null -w "$format" 'http://127.0.0.1:8084/page[1-2]' >/tmp/calls
        curl -s --http2 -o /dev/null -w "$format" 'http://127.0.0.1:8084/page[3-6]' >>/tmp/calls
        """,
    ),
    Sample(
        "nbd-clients",
        "A disk that takes 200 ms for each read and write: qemu-img writes three times, through a UNIX socket that socat"
        " relays, then fio reads and writes.",
        """
        nbdkit --vsock --foreground --filter=delay memory 64k rdelay=200ms wdelay=200ms &
        socat UNIX-LISTEN:/tmp/nbd.socket,fork VSOCK-CONNECT:1:10809 &
        await 10809 /tmp/nbd.socket
        qemu-img bench -f raw -c 3 -d 1 -s 512 -w 'nbd+unix:///?socket=/tmp/nbd.socket' >/tmp/bench
        fio --name=disk --ioengine=nbd --uri=nbd+vsock://1/ --rw=randrw --bs=512 --size=64k --io_size=5k \
            --write_lat_log=/tmp/fio --log_offset=1 --thread --output=/dev/null
        """,
    ),
    Sample(
        "iperf3",
        "iperf3 sends 16 KiB over two connections, with socat on both sides; a third one controls the test.",
        """
        iperf3 -s -1 -p 5211 >/dev/null &
        socat VSOCK-LISTEN:5201,fork TCP:127.0.0.1:5211 &
        socat TCP-LISTEN:5212,fork VSOCK-CONNECT:1:5201 &
        await 5211 5201 5212
        iperf3 -c 127.0.0.1 -p 5212 -P 2 -n 16K -l 8K -J >/tmp/calls
        """,
    ),
    Sample(
        "qemu-agent",
        "QEMU's guest agent is asked five things, one of which it cannot do.",
        """
        mkdir -p /tmp/agent
        qemu-ga --method=vsock-listen --path=1:1300 --statedir=/tmp/agent --pidfile=/tmp/agent/pid &
        await 1300
        tests/vm/lab/payload.py agentClient port=1300 >/tmp/calls
        """,
    ),
    Sample(
        "sd-notify",
        "Two messages as systemd sends them to a hypervisor, each in a SEQPACKET connection of its own from a port below 1024.",
        """
        tests/vm/lab/payload.py notify port=6000
        """,
        kernel="6.12",
    ),
    Sample(
        "journal",
        "Three entries of systemd's journal in its export format, as a machine forwards them: one of them has two lines of"
        " text, which makes it a field with a length.",
        """
        echo 5eed5eed5eed5eed5eed5eed5eed5eed >/etc/machine-id
        mountpoint --quiet /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
        rm -rf /run/systemd/journal /run/log/journal /dev/log
        /lib/systemd/systemd-journald &
        await /run/systemd/journal/stdout
        ln -s /run/systemd/journal/dev-log /dev/log
        logger --tag till 'the shop opens'
        logger --tag till --priority user.err $'the till is stuck\\nits drawer is open'
        echo 'the shop closes' | systemd-cat --identifier=till --priority=warning
        until journalctl --identifier=till --output=export >/tmp/entries && grep -q closes /tmp/entries; do sleep 0.1; done
        socat -u VSOCK-LISTEN:1112 OPEN:/tmp/forwarded,creat &
        receiver=$!
        await 1112
        socat -u OPEN:/tmp/entries VSOCK-CONNECT:1:1112
        wait $receiver
        cmp /tmp/entries /tmp/forwarded
        """,
    ),
    Sample(
        "trace-cmd",
        "trace-cmd records in a guest through its agent there, which is the same machine here: the request, what the agent"
        " says of its system, and the end. Of each packet the first 128 bytes are captured; the thousands by which the two"
        " compare their clocks, in another connection, are left out.",
        """
        mount --bind /dev/null /proc/kallsyms
        mount -t tracefs none /sys/kernel/tracing 2>/dev/null || true
        cd /tmp
        trace-cmd agent &
        await 823
        trace-cmd record -A 1:823 -e sched:sched_process_exec sleep 0.2
        """,
        capture="tcpdump -i vsockmon0 -s 128 -w {file}",
        keeps="port 823",
    ),
    Sample(
        "hybrid-vsock",
        "What is said to Firecracker's UNIX socket, relayed by socat: CONNECT, OK, and then HTTP. Firecracker itself is in"
        " no package of Debian's; a shell gives its answer.",
        """
        tests/vm/lab/payload.py httpServer port=8005 seconds=0.2 2>/dev/null &
        socat VSOCK-LISTEN:5005,fork SYSTEM:'read line && echo OK 1073741824 && exec socat - TCP\\:127.0.0.1\\:8005' &
        socat UNIX-LISTEN:/tmp/firecracker.socket,fork VSOCK-CONNECT:1:5005 &
        await 8005 5005 /tmp/firecracker.socket
        tests/vm/lab/payload.py hybridClient path=/tmp/firecracker.socket port=80 >/tmp/calls
        """,
    ),
    Sample(
        "tsi",
        "libkrun's TSI as the guest's kernel sees it: a stream to a web server, a UNIX socket that nobody listens at,"
        " datagrams to two servers and back, a server in the guest, and the host's time.",
    ),
    Sample(
        "nitro",
        "An AWS Nitro enclave as its parent sees it: the console, the heartbeat, TLS through vsock-proxy, a request of ACM's,"
        " and two of the samples' command-executer.",
    ),
    Sample(
        "kata",
        "A sandbox that starts under Firecracker: connects until the agent listens, a line of its log and another, a span, a"
        " call, and the standard output that the call names.",
    ),
    Sample(
        "seqpacket",
        "SEQPACKET messages of 1, 100, 5000 and 70000 bytes. Each ends with EOM, the last with EOR too; the longest takes"
        " two packets.",
        """
        tests/vm/lab/traffic.py messages port=1234 sizes=1,100,5000,70000
        """,
        kernel="6.12",
    ),
    Sample(
        "wrong-type",
        "A SEQPACKET client at a STREAM listener: a RST that looks like that of a port where nobody listens.",
        """
        tests/vm/lab/traffic.py wrongType port=1234
        """,
    ),
    Sample(
        "backlog-full",
        "Four clients at a listener with a backlog of one which never accepts: Linux lets two of them wait, the others"
        " are refused with RST.",
        """
        tests/vm/lab/traffic.py backlogFull port=1234
        """,
    ),
    Sample(
        "credit-stall",
        "A sender fills the reader's 80 KiB and waits. After a second the reader takes 8 KiB, of which no packet tells;"
        " a second later it takes the rest, and a CREDIT_UPDATE lets the sender go on.",
        """
        tests/vm/lab/traffic.py slowReader port=1234
        """,
    ),
    Sample(
        "buffer-sizes",
        "A reader with a buffer of 4 KiB that it makes four times larger: the CREDIT_UPDATE has a new buf_alloc.",
        """
        tests/vm/lab/traffic.py bufferSizes port=1234
        """,
    ),
    Sample(
        "half-close",
        "The client stops sending (SHUTDOWN SEND); the server answers after that and closes.",
        """
        tests/vm/lab/traffic.py halfClose port=1234
        """,
        kernel="6.12",
    ),
    Sample(
        "unread-close",
        "A client closes while the server has not read what it sent: SHUTDOWN stays without an answer, and eight seconds"
        " later the client's kernel sends RST.",
        """
        tests/vm/lab/traffic.py unread port=1234
        """,
    ),
    Sample(
        "parallel",
        "Four clients at once at one server, with two lines each.",
        """
        socat VSOCK-LISTEN:5000,fork EXEC:cat &
        await 5000
        for number in 1 2 3 4; do
            (echo "client $number"; sleep 0.5; echo "client $number again") | socat -t 5 - VSOCK-CONNECT:1:5000 &
            clients="${clients:-} $!"
        done
        wait $clients
        """,
    ),
    Sample(
        "bulk",
        "A mebibyte from socat to socat, of which each packet's first 128 bytes are captured.",
        """
        socat -u VSOCK-LISTEN:5000 OPEN:/dev/null &
        await 5000
        head -c 1048576 <(yes 'in large pieces') | socat -u -b 65536 - VSOCK-CONNECT:1:5000
        """,
        capture="tcpdump -i vsockmon0 -s 128 -w {file}",
    ),
    Sample(
        "two-devices",
        "A connection captured on two vsockmon devices at once: every packet is in the file twice, and time steps back"
        " between the devices.",
        """
        tests/vm/lab/traffic.py hello port=1234
        """,
        capture="dumpcap -i vsockmon0 -i vsockmon1 -w {file}",
        suffix="pcapng",
    ),
    Sample(
        "guest",
        "The host's and a virtual machine's conversation, once with a service in the virtual machine and once with one on"
        " the host. The guest asks for credit with CREDIT_REQUEST, which Linux itself never does.",
        """
        tests/vm/lab/guests.py hello port=1234
        """,
        modules=VHOST,
    ),
    Sample(
        "split-6.1",
        "10000 bytes of a STREAM and a SEQPACKET message of 8000 bytes, both larger than the guest's receive buffers,"
        " which take 3732 bytes of payload. This kernel shows with each packet all that was still to be sent: the record"
        " is longer than the virtio header says, and the excess was never part of the packet.",
        """
        tests/vm/lab/guests.py split port=1234
        """,
        modules=VHOST,
    ),
    Sample(
        "split-6.12",
        "The traffic of split-6.1 on a kernel that shows each packet as it is.",
        """
        tests/vm/lab/guests.py split port=1234
        """,
        kernel="6.12",
        modules=VHOST,
    ),
    Sample(
        "sibling",
        "A virtual machine knocks twice at another one (CID 43) and gets no answer, since Linux passes nothing between"
        " virtual machines. Its last REQUEST goes to the host, which refuses it.",
        """
        tests/vm/lab/guests.py sibling port=1234
        """,
        modules=VHOST,
    ),
    Sample(
        "switched-off",
        "A virtual machine goes away in the middle of a connection, comes back with the same CID and connects from the"
        " same port again. No packet tells of the end of the first connection.",
        """
        tests/vm/lab/guests.py switchedOff port=1234
        """,
        modules=VHOST,
    ),
    Sample(
        "overrun",
        "A guest sends 100 bytes more than the host's 4 KiB of credit allow, and the host's kernel ends the connection with"
        " RST.",
        """
        tests/vm/lab/guests.py overrun port=1234
        """,
        modules=VHOST,
    ),
    Sample(
        "hostile",
        "What no driver sends: unknown ops and types (DGRAM among them), data and resets for connections that are not"
        " there, payload where none belongs, others' CIDs, terminal escapes.",
        """
        tests/vm/lab/guests.py hostile port=1234
        """,
        modules=VHOST,
    ),
    Sample(
        "vsock-test",
        "The kernel's own test of AF_VSOCK, of whose packets the first 128 bytes are captured.",
        """
        "$VSOCK_TEST/vsock_test" --mode=server --control-port=2000 --peer-cid=1 --control-host=127.0.0.1 &
        await 2000
        "$VSOCK_TEST/vsock_test" --mode=client --control-port=2000 --peer-cid=1 --control-host=127.0.0.1
        """,
        capture="tcpdump -i vsockmon0 -s 128 -w {file}",
    ),
)
