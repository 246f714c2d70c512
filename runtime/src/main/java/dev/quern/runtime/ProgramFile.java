package dev.quern.runtime;

/**
 * A form of a program, for reading: the source as the compiler got it, an assembly, machine code.
 *
 * @param extension what its file's name should end with, without the dot: {@code cl}, {@code cu}, {@code ptx}, {@code cubin},
 *                  {@code bin}
 * @param content   the bytes of the file
 */
public record ProgramFile(String extension, byte[] content) {
}
