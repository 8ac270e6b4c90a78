package ai.neuronetz.gateway.exchange;

/** What became of reading a client's request body, which is read once the caller is known. Immutable, but for the bytes. */
public sealed interface RequestBody {

    /** The whole body. Not a record, because its content is an array; the array is not copied. */
    final class Complete implements RequestBody {

        private final byte[] bytes;

        public Complete(byte[] bytes) {
            this.bytes = bytes;
        }

        public byte[] bytes() {
            return bytes;
        }
    }

    /** More bytes than allowed were declared or arrived; the rest was not read. */
    record TooLarge() implements RequestBody {}

    /** The framing was broken, the client went silent, or left before the end. */
    record Broken() implements RequestBody {}
}
