package ai.neuronetz.gateway.app;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** The choice between output for people and for programs, the same for every command. */
final class OutputFormat {

    @Option(names = "--json", description = "Print JSON, for programs.")
    private boolean json;

    /** Any number of rows: a table, or an array. */
    void printList(Report report, PrintWriter out) {
        if (json) {
            report.printJson(out);
        } else {
            report.printTable(out);
        }
    }

    /** One row: a line per value, or an object. */
    void printOne(Report report, PrintWriter out) {
        if (json) {
            report.printJsonObject(out);
        } else {
            report.printFields(out);
        }
    }

    /** What was done: a sentence, or an object. */
    void printDone(String sentence, Report report, PrintWriter out) {
        if (json) {
            report.printJsonObject(out);
        } else {
            out.println(sentence);
        }
    }

    boolean forPeople() {
        return !json;
    }
}
