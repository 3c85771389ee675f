package io.uefivm.agent.volume;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MountsTest {

    @ParameterizedTest
    @EnumSource
    void plays(MountScenario scenario, @TempDir Path directory) throws IOException, InterruptedException {
        PrivateMounts.run(MountScenario.class, directory, scenario.name());
    }
}
