package dev.quern.kernels.tune;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.KernelText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A short hash of what a plan runs: texts, definitions, grids. Kernels written in Java count by their names. */
public final class SourceHash {
    private static final int SHOWN_BYTES = 8;

    private SourceHash() {
    }

    /** 16 hexadecimal digits. */
    public static String of(KernelPlan plan) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        for (PlannedLaunch launch : plan.launches()) {
            add(digest, launch.entry());
            add(digest, launch.grid().toString());
            switch (launch.source()) {
                case KernelText text -> {
                    add(digest, text.text());
                    add(digest, text.defines().toString());
                }
                case HostCode code -> add(digest, code.name());
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, SHOWN_BYTES);
    }

    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // A terminator keeps ("ab", "c") and ("a", "bc") apart: no text holds a zero.
        digest.update(bytes);
        digest.update((byte) 0);
    }
}
