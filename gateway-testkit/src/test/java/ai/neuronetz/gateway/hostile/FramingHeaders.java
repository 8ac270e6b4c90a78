package ai.neuronetz.gateway.hostile;

import java.util.List;

/** The ways to say how long a message is. */
final class FramingHeaders {

    /**
     * One way, as header lines with {@code N} for the length in bytes.
     *
     * @param sound means what it says, by the letter of RFC 9112
     */
    record Form(String lines, boolean sound) {

        /** Whether RFC 9112 lets recipients be lenient about it: they may take a bare LF for the end of a line. */
        boolean lenient() {
            return lines.startsWith("X: y\n");
        }

        boolean absent() {
            return lines.isEmpty();
        }

        String with(int length) {
            return absent()
                    ? ""
                    : lines.replace("0xN", "0x" + Integer.toHexString(length)).replace("N", Integer.toString(length))
                            + "\r\n";
        }
    }

    static final List<Form> LENGTHS = List.of(
            new Form("", false),
            new Form("Content-Length: N", true),
            new Form("content-length:N", true),
            new Form("Content-Length: \tN \t", true),
            new Form("Content-Length: 00N", true),
            new Form("Content-Length: +N", false),
            new Form("Content-Length: -N", false),
            new Form("Content-Length: 0xN", false),
            new Form("Content-Length: N.0", false),
            new Form("Content-Length: Ne0", false),
            new Form("Content-Length: N N", false),
            new Form("Content-Length: N, N", false),
            new Form("Content-Length: N,", false),
            new Form("Content-Length: N;", false),
            new Form("Content-Length: \"N\"", false),
            new Form("Content-Length: N\u0000", false),
            new Form("Content-Length: \u000bN", false),
            new Form("Content-Length: 9999999999999999999N", false),
            new Form("Content-Length: 18446744073709551616", false),
            new Form("Content-Length:", false),
            new Form("Content-Length : N", false),
            new Form("Content-Length\t: N", false),
            new Form(" Content-Length: N", false),
            new Form("Content-Length:\r\n N", false),
            new Form("Content-Length: N\r\nContent-Length: N", false),
            new Form("Content-Length: N\r\ncontent-length: 0", false),
            new Form("Content-Length: 0\r\nContent-Length: N", false),
            new Form("Content-Length: N\r\nContent-Length: 1N", false));

    static final List<Form> CODINGS = List.of(
            new Form("", false),
            new Form("Transfer-Encoding: chunked", true),
            new Form("transfer-encoding:Chunked", true),
            new Form("Transfer-Encoding: \tchunked \t", true),
            new Form("Transfer-Encoding: xchunked", false),
            new Form("Transfer-Encoding: chunkedx", false),
            new Form("Transfer-Encoding: chunk", false),
            new Form("Transfer-Encoding: identity", false),
            new Form("Transfer-Encoding: gzip", false),
            new Form("Transfer-Encoding: gzip, chunked", false),
            new Form("Transfer-Encoding: chunked, gzip", false),
            new Form("Transfer-Encoding: chunked, identity", false),
            new Form("Transfer-Encoding: identity, chunked", false),
            new Form("Transfer-Encoding: chunked, chunked", false),
            new Form("Transfer-Encoding: chunked;q=1", false),
            new Form("Transfer-Encoding: chunked;", false),
            new Form("Transfer-Encoding: \"chunked\"", false),
            new Form("Transfer-Encoding: 'chunked'", false),
            new Form("Transfer-Encoding: chun ked", false),
            new Form("Transfer-Encoding: chunked\u0000", false),
            new Form("Transfer-Encoding: \u000bchunked", false),
            new Form("Transfer-Encoding: \u00e7hunked", false),
            new Form("Transfer-Encoding:", false),
            new Form("Transfer-Encoding : chunked", false),
            new Form("Transfer-Encoding\t: chunked", false),
            new Form(" Transfer-Encoding: chunked", false),
            new Form("Transfer-Encoding:\r\n chunked", false),
            new Form("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", false),
            new Form("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", false),
            new Form("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", false),
            new Form("X: y\nTransfer-Encoding: chunked", false),
            new Form("X: y\rTransfer-Encoding: chunked", false));

    private FramingHeaders() {}
}
