package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.RequestBody;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BodyReaderTest {

    @Test
    void the_length_of_a_body_that_was_declared_must_have_arrived() {
        var said = new ArrayList<Object>();
        var reader = new BodyReader(new EmptyInput(), 5, 100, Long.MAX_VALUE, said::add);

        reader.onAllDataRead();
        reader.onError(new IOException());

        assertThat(said).hasSize(1).first().isInstanceOf(RequestBody.Broken.class);
    }

    private static final class EmptyInput extends ServletInputStream {
        @Override
        public boolean isFinished() {
            return true;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {}

        @Override
        public int read() {
            return -1;
        }
    }
}
