package dev.quern.examples.command;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A data set that can be fetched.
 *
 * @param name  what {@code quern data} knows it by
 * @param model a model that reads it
 * @param base  where it usually comes from
 * @param files what belongs to it
 */
record RemoteData(String name, String model, URI base, List<RemoteFile> files) {
    /** MNIST's checksums are those that its mirrors publish beside it. */
    private static final List<RemoteData> ALL = List.of(new RemoteData("mnist", "lenet",
            URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"), List.of(
                    new RemoteFile("train-images-idx3-ubyte.gz", "MD5", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                    new RemoteFile("train-labels-idx1-ubyte.gz", "MD5", "d53e105ee54ea40749a09fcbcd1e9432"),
                    new RemoteFile("t10k-images-idx3-ubyte.gz", "MD5", "9fb629c4189551a2d022fa330f9573f3"),
                    new RemoteFile("t10k-labels-idx1-ubyte.gz", "MD5", "ec29112dd5afa0611ce80d1b7f02629c"))));

    static Optional<RemoteData> named(String name) {
        return ALL.stream().filter(data -> data.name.equals(name)).findFirst();
    }

    static List<String> names() {
        return ALL.stream().map(RemoteData::name).toList();
    }
}
