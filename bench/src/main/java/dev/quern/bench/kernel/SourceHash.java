package dev.quern.bench.kernel;

import dev.quern.kernels.KernelPlan;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.KernelText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells whether two measurements were of the same kernels. */
final class SourceHash {
    private static final int BYTES = 6;

    private SourceHash() {
    }

    /** The first twelve digits of SHA-256 over the texts and definitions; Java kernels count by their names alone. */
    static String of(KernelPlan plan) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (KernelPlan.PlannedLaunch launch : plan.launches()) {
                String text = switch (launch.source()) {
                    case KernelText kernel -> kernel.text() + kernel.defines();
                    case HostCode code -> code.name();
                };
                digest.update((text + launch.entry()).getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
