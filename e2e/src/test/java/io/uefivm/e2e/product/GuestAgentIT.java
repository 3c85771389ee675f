package io.uefivm.e2e.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.uefivm.api.v1alpha1.ConditionType;
import io.uefivm.api.v1alpha1.GuestInterface;
import io.uefivm.api.v1alpha1.GuestStatus;
import io.uefivm.api.v1alpha1.Reason;
import io.uefivm.api.v1alpha1.UefiVirtualMachineStatus;
import io.uefivm.e2e.lab.GuestConsole;
import io.uefivm.e2e.lab.GuestImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What status says of a guest that runs Debian's QEMU guest agent. */
class GuestAgentIT extends OnSite {
    private static final String NAME = "talker";

    /** The agent and the libraries of this machine that it needs, as a tar archive. */
    private static final String PACK = """
            set -eu
            cd "$1"
            apt-get download qemu-guest-agent >/dev/null 2>&1
            dpkg -x qemu-guest-agent_*.deb package
            mkdir agent
            cp package/usr/sbin/qemu-ga agent/
            ldd agent/qemu-ga | sed -n 's,[^/]*\\(/[^ ]*\\) (0x.*,\\1,p' | while read -r library; do cp -L "$library" agent/; done
            tar -C agent -cf tools.tar .
            truncate -s %8M tools.tar
            """;

    @TempDir
    private static Path directory;

    private static KvmHost host;

    @BeforeAll
    static void host() {
        host = hostUp("kvm-a");
    }

    @Test
    void nameSystemAndAddressesOfTheGuestStandInItsStatusWhileTheAgentAnswers() throws Exception {
        site.disk(NAMESPACE, NAME, GuestImage.get().signed());
        site.disk(NAMESPACE, "tools", tools());
        create(
                NAME,
                "{name: root, persistentVolumeClaim: {claimName: talker}},"
                        + " {name: tools, persistentVolumeClaim: {claimName: tools}}",
                "networks: [{name: lan, user: {}}]");
        UefiVirtualMachineStatus silent = awaitReady(NAME, 1);
        guestUp(host, NAME, 0);
        assertThat(silent.guest()).isNull();
        assertThat(silent.condition(ConditionType.GuestAgentConnected)).isEmpty();

        try (GuestConsole console = host.console(vm(NAME).get())) {
            String disk = console.run("devices")
                    .lines()
                    .map(line -> line.strip().split(" +"))
                    .filter(words -> words.length == 4 && words[3].equals("tools"))
                    .map(words -> words[1])
                    .findFirst()
                    .orElseThrow();
            console.run("mkdir /agent && tar -C /agent -xf /dev/" + disk);
            console.run("hostname web-1; echo 'PRETTY_NAME=\"Lab Linux 1\"' >/etc/os-release");
            console.run("ip link set eth0 up; ip address add 10.0.2.15/24 dev eth0");
            console.run("port=$(grep -l guest_agent /sys/class/virtio-ports/*/name | cut -d/ -f5);"
                    + " { /agent/ld-linux-x86-64.so.2 --library-path /agent /agent/qemu-ga -t /tmp -m virtio-serial"
                    + " -p /dev/$port >/tmp/agent.log 2>&1 & }; echo $! >/tmp/agent.pid");

            UefiVirtualMachineStatus said = await(
                    NAME, "what the agent says", s -> has(s, ConditionType.GuestAgentConnected, Reason.AgentConnected));
            assertThat(said.guest().agentConnected()).isTrue();
            assertThat(said.guest().hostname()).isEqualTo("web-1");
            assertThat(said.guest().os()).isEqualTo("Lab Linux 1");
            GuestInterface card = said.guest().interfaces().stream()
                    .filter(one -> "eth0".equals(one.name()))
                    .findFirst()
                    .orElseThrow();
            assertThat(card.mac())
                    .isEqualTo(Objects.requireNonNull(said.identity())
                            .macAddresses()
                            .get(0)
                            .address());
            assertThat(card.addresses()).contains("10.0.2.15/24");

            console.run("kill $(cat /tmp/agent.pid)");
            UefiVirtualMachineStatus gone = await(
                    NAME, "that it went", s -> has(s, ConditionType.GuestAgentConnected, Reason.AgentDisconnected));
            assertThat(gone.guest()).isEqualTo(new GuestStatus(false, null, null, List.of()));
            assertThat(is(gone, ConditionType.Ready, "True")).isTrue();
        }
        vm(NAME).delete();
    }

    private static Path tools() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", PACK, "pack", directory.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor())
                .as("Debian's package of the agent, from its archive; apt-get update helps when the archive moved on")
                .isZero();
        return directory.resolve("tools.tar");
    }
}
