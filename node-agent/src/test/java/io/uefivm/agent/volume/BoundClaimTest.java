package io.uefivm.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uefivm.api.v1alpha1.Reason;
import org.junit.jupiter.api.Test;

class BoundClaimTest {

    @Test
    void leadsFromThePodToThePersistentVolume() throws VolumeException {
        Claims claims = new Claims().with("nvram", "Filesystem").with("disk-root", "Block");
        assertThat(BoundClaim.of(claims.pod(), "nvram", claims).persistentVolume())
                .isEqualTo("pv-nvram");
        assertThat(BoundClaim.of(claims.pod(), "nvram", claims).block()).isFalse();
        assertThat(BoundClaim.of(claims.pod(), "disk-root", claims).block()).isTrue();
    }

    @Test
    void aHostPathThatWhoeverMadeThePodChoseIsRefused() {
        Claims claims = new Claims().withPodLevelHostPath("nvram", "/etc");
        assertFails(claims, "nvram", Reason.ClaimUnsafe, "is not a persistentVolumeClaim");
    }

    @Test
    void aVolumeThatThePodDoesNotHaveIsRefused() {
        assertFails(new Claims(), "nvram", Reason.ClaimUnsafe, "Volume nvram");
    }

    @Test
    void aClaimThatIsGoneIsNamed() {
        Claims claims = new Claims().with("nvram", "Filesystem").without("nvram");
        assertFails(claims, "nvram", Reason.ClaimNotFound, "Claim claim-nvram does not exist in namespace default");
    }

    @Test
    void aClaimThatNamesTheVolumeOfAnotherIsNotBound() {
        Claims claims = new Claims()
                .with("nvram", "Filesystem")
                .withHostPath("other", "/srv/other")
                .stealing("nvram", "pv-other");
        assertFails(claims, "nvram", Reason.ClaimNotFound, "is not bound");
    }

    private static void assertFails(Claims claims, String volume, Reason reason, String message) {
        assertThatThrownBy(() -> BoundClaim.of(claims.pod(), volume, claims))
                .isInstanceOfSatisfying(
                        VolumeException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message);
    }
}
