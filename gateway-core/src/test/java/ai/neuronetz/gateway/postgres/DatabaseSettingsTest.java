package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.ConfigurationException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DatabaseSettingsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://app:s3%40cret+@db:5433/gateway?sslmode=require",
                "postgres://app:s3%40cret+@db:5433/gateway?sslmode=require",
                "jdbc:postgresql://db:5433/gateway?user=app&password=s3%40cret+&sslmode=require"
            })
    void all_three_forms_mean_the_same(String url) {
        DatabaseSettings settings = DatabaseSettings.parse(url);

        assertThat(settings.jdbcUrl()).isEqualTo("jdbc:postgresql://db:5433/gateway?sslmode=require");
        assertThat(settings.user()).isEqualTo("app");
        assertThat(settings.password()).isEqualTo("s3@cret+");
        assertThat(settings).hasToString("DatabaseSettings[app@db:5433/gateway]");
    }

    @Test
    void several_hosts_and_an_ipv6_address_are_kept() {
        assertThat(DatabaseSettings.parse("postgresql://a@one:1,two:2/g").jdbcUrl())
                .isEqualTo("jdbc:postgresql://one:1,two:2/g");
        assertThat(DatabaseSettings.parse("postgresql://a@[::1]:5432/g").jdbcUrl())
                .isEqualTo("jdbc:postgresql://[::1]:5432/g");
    }

    @Test
    void user_and_password_can_be_given_apart() {
        DatabaseSettings settings =
                DatabaseSettings.parse("postgresql://a:b@db/g").withUser("c").withPassword("d");

        assertThat(settings.user()).isEqualTo("c");
        assertThat(settings.password()).isEqualTo("d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mysql://app:s3cret@db/g",
                "postgresql://app:s3cret@db",
                "postgresql://app:s3cret@/g",
                "postgresql://app:s3cret@db/g/h",
                "postgresql://app:s3cret%zz@db/g",
                "postgresql://app:s3cret@d b/g",
                "postgresql://app:s3cret@db/g?x"
            })
    void what_is_malformed_is_refused_without_repeating_it(String url) {
        assertThatThrownBy(() -> DatabaseSettings.parse(url))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("postgresql://user:password@host:5432/database")
                .hasMessageNotContaining("s3cret");
    }
}
