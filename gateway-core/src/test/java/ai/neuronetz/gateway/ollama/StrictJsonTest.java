package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.Charset;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StrictJsonTest {

    @Test
    void an_object_in_utf_8_is_parsed() {
        ObjectNode root = parsed("{\"a\":[1,2.5,true,null,\"ü😀\\u00e9\\ud83d\\ude00\"],\"b\":{}}");

        assertThat(root.path("a").get(4).textValue()).isEqualTo("ü😀é😀");
        assertThat(root.path("a").get(1).doubleValue()).isEqualTo(2.5);
        assertThat(root.path("b").isObject()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "1",
                "\"a\"",
                "[]",
                "{",
                "{}{}",
                "{}x",
                "{} null",
                "{\"a\":1}{\"b\":2}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":{\"b\":1,\"b\":null}}",
                "{\"a\":[{\"b\":1,\"\\u0062\":1}]}",
                "{\"a\":1,}",
                "{'a':1}",
                "{a:1}",
                "{\"a\":1/*c*/}",
                "{\"a\":1}//c",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1e400}",
                "{\"a\":-1e400}",
                "{\"a\":123456789012345678901234567890123}",
                "{\"a\":0.12345678901234567890123456789012}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":\"\\udc00\\ud800\"}",
                "{\"a\":\"\\ud800x\"}",
                "{\"\\ud800\":1}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\u0000\"}",
                "{\"a\":\"\n\"}",
                "\uFEFF{}",
                "{\"a\":tru}",
                "{\"a\":TRUE}"
            })
    void what_has_no_single_meaning_is_invalid(String json) {
        assertThat(StrictJson.parse(json.getBytes(UTF_8))).isInstanceOf(StrictJson.Invalid.class);
    }

    @Test
    void malformed_utf_8_is_invalid() {
        byte[][] sequences = {
            {(byte) 0xff},
            {(byte) 0xc0, (byte) 0xaf}, // overlong slash
            {(byte) 0xe0, (byte) 0x80, (byte) 0xaf},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, // a surrogate
            {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, // beyond U+10FFFF
            {(byte) 0xc3}, // cut
        };

        for (byte[] sequence : sequences) {
            byte[] json = "{\"a\":\"????\"}".getBytes(UTF_8);
            System.arraycopy(sequence, 0, json, 6, sequence.length);

            assertThat(StrictJson.parse(json)).isInstanceOf(StrictJson.Invalid.class);
        }
    }

    @Test
    void other_encodings_of_unicode_are_invalid() {
        for (Charset charset :
                new Charset[] {UTF_16LE, UTF_16BE, Charset.forName("UTF-32BE"), Charset.forName("UTF-32LE")}) {
            assertThat(StrictJson.parse("{\"a\":1}".getBytes(charset))).isInstanceOf(StrictJson.Invalid.class);
        }
    }

    @Test
    void nesting_is_bounded() {
        assertThat(parsed("{\"a\":" + "[".repeat(99) + "]".repeat(99) + "}")).isNotNull();

        String deeper = "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}";
        assertThat(StrictJson.parse(deeper.getBytes(UTF_8))).isInstanceOf(StrictJson.Invalid.class);
    }

    @Test
    void tokens_are_bounded() {
        String fits = "{\"a\":[" + "1,".repeat(99_000) + "1]}";
        String many = "{\"a\":[" + "1,".repeat(100_000) + "1]}";

        assertThat(parsed(fits)).isNotNull();
        assertThat(StrictJson.parse(many.getBytes(UTF_8))).isInstanceOf(StrictJson.Invalid.class);
    }

    @Test
    void thirty_two_digits_are_a_number() {
        assertThat(parsed("{\"a\":12345678901234567890123456789012}").path("a").isBigInteger())
                .isTrue();
    }

    @Test
    void mutated_bodies_never_throw() {
        Random random = new Random(7);
        byte[] seed = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"h\\u00e9 😀\"}],\"n\":1.5e3}"
                .getBytes(UTF_8);

        for (int i = 0; i < 10_000; i++) {
            byte[] mutated = seed.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            assertThat(StrictJson.parse(mutated)).isNotNull();
        }
    }

    private static ObjectNode parsed(String json) {
        assertThat(StrictJson.parse(json.getBytes(UTF_8))).isInstanceOf(StrictJson.Parsed.class);
        return ((StrictJson.Parsed) StrictJson.parse(json.getBytes(UTF_8))).root();
    }
}
