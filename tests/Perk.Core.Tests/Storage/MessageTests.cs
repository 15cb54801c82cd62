using System.Text;
using CsCheck;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Storage;

public sealed class MessageTests
{
    private const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static readonly string Hash = new('a', 64);
    private static readonly string Half = new('b', 32);

    private static EncodeMessage Encode => new()
    {
        Collection = "default",
        Document = Hash,
        Checkpoint = Hash,
        Job = "encode-" + Half,
        Generation = 2,
        Traceparent = Trace,
    };

    private static EvaluateMessage Evaluate => new()
    {
        Collection = "default",
        Suite = "nightly",
        Checkpoint = Hash,
        Date = new DateOnly(2026, 11, 26),
        Job = "evaluate-nightly",
        Traceparent = Trace,
    };

    private static QuestionsMessage Questions => new()
    {
        Collection = "default",
        Adapter = Half,
        Checkpoint = Hash,
        Questions = [new("q1", "Who was „Häuptling“ \"Bär\"? 🐻"), new("q2", "Where?\n")],
        Job = "ask-q1",
    };

    [Fact]
    public void Encode_ToJson_IsTheDocumentedForm() => Assert.Equal(
        ($"{{'v':1,'collection':'default','document':'{Hash}','checkpoint':'{Hash}',"
            + $"'job':'encode-{Half}','generation':2,'traceparent':'{Trace}'}}").Replace('\'', '"'),
        Encode.ToJson());

    [Fact]
    public void Questions_ToJson_IsTheDocumentedForm() => Assert.Equal(
        ($"{{'v':1,'collection':'default','document':'{Hash}','checkpoint':'{Hash}',"
            + $"'questions':[{{'id':'q1','text':'Who?'}}],"
            + $"'job':'ask-q1','generation':1,'traceparent':'{Trace}'}}").Replace('\'', '"'),
        (Questions with { Adapter = null, Document = Hash, Questions = [new("q1", "Who?")], Traceparent = Trace }).ToJson());

    [Fact]
    public void Evaluate_ToJson_IsTheDocumentedForm() => Assert.Equal(
        ($"{{'v':1,'collection':'default','suite':'nightly','checkpoint':'{Hash}','date':'2026-11-26',"
            + $"'job':'evaluate-nightly','generation':1,'traceparent':'{Trace}'}}").Replace('\'', '"'),
        Evaluate.ToJson());

    [Fact]
    public void Evaluate_RoundTrip_IsEqual()
    {
        Assert.Equal(Evaluate, EvaluateMessage.Parse(Evaluate.ToJson()));
        var plain = Evaluate with { Traceparent = null, Generation = 3 };
        Assert.Equal(plain, EvaluateMessage.Parse(Encoding.UTF8.GetBytes(plain.ToJson())));
        Assert.Equal(new ReportId(new DateOnly(2026, 11, 26), Hash, "nightly"), plain.Report);
    }

    [Theory]
    [InlineData("\"suite\":\"nightly\"", "\"suite\":\"Nightly\"", "'suite': 'Nightly' is not the name of a suite")]
    [InlineData("\"suite\":\"nightly\"", "\"suite\":\"../nightly\"", "'suite'")]
    [InlineData("\"suite\":\"nightly\",", "", "'suite': it is missing")]
    [InlineData("\"suite\":\"nightly\"", "\"suite\":\"weekly\"", "'job': it is 'evaluate-nightly'; the job of suite weekly is 'evaluate-weekly'.")]
    [InlineData("2026-11-26", "2026-11-31", "'date': it must be a day of the form 2026-01-31.")]
    [InlineData("2026-11-26", "2026-11-26T00:00:00Z", "'date'")]
    [InlineData("\"2026-11-26\"", "20261126", "'date': it must be text")]
    [InlineData("\"date\":\"2026-11-26\",", "", "'date': it is missing")]
    [InlineData("evaluate-nightly", "ask-nightly", "'job': 'ask-nightly' is not the id of an evaluate job")]
    [InlineData("\"checkpoint\":\"a", "\"checkpoint\":\"", "'checkpoint'")]
    [InlineData("\"generation\":1", "\"generation\":0", "'generation'")]
    [InlineData("\"v\":1", "\"v\":1,\"document\":\"x\"", "'document': there is no such field")]
    public void EvaluateParse_OneFault_IsNamed(string good, string bad, string said)
    {
        var body = Evaluate.ToJson().Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Evaluate.ToJson(), body);
        Assert.Contains(said, Assert.Throws<MessageFormatException>(() => EvaluateMessage.Parse(body)).Message);
    }

    [Fact]
    public void Encode_RoundTrip_IsEqual()
    {
        Assert.Equal(Encode, EncodeMessage.Parse(Encode.ToJson()));
        Assert.Equal(Encode, EncodeMessage.Parse(Encoding.UTF8.GetBytes(Encode.ToJson())));
        var plain = Encode with { Traceparent = null, Generation = 1 };
        Assert.Equal(plain, EncodeMessage.Parse(plain.ToJson()));
    }

    [Fact]
    public void Questions_RoundTrip_IsEqual()
    {
        var back = QuestionsMessage.Parse(Questions.ToJson());
        Assert.Equal(Questions.Questions, back.Questions);
        Assert.Equal(Questions.ToJson(), back.ToJson());
        Assert.Equal((Questions.Adapter, null, Questions.Job), (back.Adapter, back.Document, back.Job));
    }

    [Theory]
    [InlineData("", "", "not well-formed JSON")]
    [InlineData("{", "", "not well-formed JSON")]
    [InlineData("{\"v\":1", "[{\"v\":1", "not well-formed JSON")]
    [InlineData("\"v\":1", "\"v\":1,\"v\":1", "not well-formed JSON")]
    [InlineData("\"default\"", "\"\\ud800\"", "not well-formed JSON")]
    [InlineData("\"v\":1", "\"v\":2", "'v'")]
    [InlineData("\"v\":1", "\"v\":\"1\"", "'v'")]
    [InlineData("\"v\":1,", "", "'v'")]
    [InlineData("\"collection\":\"default\",", "", "'collection': it is missing")]
    [InlineData("\"default\"", "null", "'collection': it must be text")]
    [InlineData("\"default\"", "7", "'collection': it must be text")]
    [InlineData("default", "De fault", "is not a collection name")]
    [InlineData("\"document\":\"aa", "\"document\":\"AA", "'document'")]
    [InlineData("\"checkpoint\":\"a", "\"checkpoint\":\"", "'checkpoint'")]
    [InlineData("encode-b", "encode-", "'job'")]
    [InlineData("encode-", "ask-", "'job'")]
    [InlineData("\"generation\":2", "\"generation\":0", "'generation'")]
    [InlineData("\"generation\":2", "\"generation\":1.5", "'generation'")]
    [InlineData("\"generation\":2", "\"generation\":99999999999", "'generation'")]
    [InlineData("\"generation\":2,", "", "'generation': it is missing")]
    [InlineData("00-4bf", "zz-4bf", "'traceparent'")]
    [InlineData("\"v\":1", "\"v\":1,\"priority\":3", "'priority': there is no such field")]
    [InlineData("\"v\":1", "\"v\":1,\"Collection\":\"x\"", "'Collection': there is no such field")]
    public void EncodeParse_OneFault_IsNamed(string good, string bad, string said)
    {
        var body = good.Length == 0 ? bad : good == "{" ? "{" : Encode.ToJson().Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Encode.ToJson(), body);
        Assert.Contains(said, Assert.Throws<MessageFormatException>(() => EncodeMessage.Parse(body)).Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("1")]
    public void Parse_JsonThatIsNoObject_IsRefused(string body)
    {
        Action[] parsers = [() => EncodeMessage.Parse(body), () => QuestionsMessage.Parse(body), () => EvaluateMessage.Parse(body)];
        foreach (var parse in parsers)
            Assert.Contains("must be a JSON object", Assert.Throws<MessageFormatException>(parse).Message);
    }

    [Theory]
    [InlineData("\"questions\":[", "\"questions\":[7,", "'questions[0]': it must be a JSON object")]
    [InlineData("\"id\":\"q2\"", "\"id\":\"q1\"", "'questions[1].id': 'q1' is the id of an earlier question")]
    [InlineData("\"id\":\"q2\"", "\"id\":\"../q\"", "'questions[1].id'")]
    [InlineData("\"id\":\"q2\",", "", "'questions[1].id': it is missing")]
    [InlineData("\"id\":\"q2\"", "\"id\":\"q2\",\"weight\":1", "'questions[1].weight': there is no such field")]
    [InlineData("\"Where?\\n\"", "\" \\t\"", "'questions[1].text'")]
    [InlineData("\"Where?\\n\"", "[]", "'questions[1].text': it must be text")]
    [InlineData("ask-q1", "encode-q1", "'job'")]
    public void QuestionsParse_OneFault_IsNamed(string good, string bad, string said)
    {
        var body = Questions.ToJson().Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Questions.ToJson(), body);
        Assert.Contains(said, Assert.Throws<MessageFormatException>(() => QuestionsMessage.Parse(body)).Message);
    }

    [Fact]
    public void Questions_TextAsOthersSpellIt_IsNoLongerWhenItIsWrittenAgain()
    {
        var text = string.Concat(Enumerable.Repeat("🐻\u2028\\\"", 400));
        var body = (Questions with { Questions = [.. Enumerable.Range(0, 10).Select(i => new Question($"q{i}", "HERE"))] }).ToJson()
            .Replace("HERE", text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(body), 40_000, 49_152);
        var read = QuestionsMessage.Parse(body);
        Assert.Equal(text, read.Questions[3].Text);
        Assert.Equal(body, read.ToJson());
    }

    [Fact]
    public void Questions_AnyText_IsReadAsItWasWritten() => Gen.String.Where(text => !string.IsNullOrWhiteSpace(text) && text.Length <= QuestionsMessage.LongestText && text.IsNormalized()).Sample(
        text => Assert.Equal(text, QuestionsMessage.Parse((Questions with { Questions = [new("q1", text)] }).ToJson()).Questions[0].Text), iter: 2000);

    [Fact]
    public void Parse_FieldWithALongName_IsRefusedInASentenceThatCanBeRead()
    {
        var e = Assert.Throws<MessageFormatException>(() => EncodeMessage.Parse(Encode.ToJson().Replace("\"v\":1", $"\"v\":1,\"{new string('x', 9000)}\":1", StringComparison.Ordinal)));
        Assert.InRange(e.Message.Length, 80, 400);
        Assert.Contains("there is no such field; the fields are v, collection", e.Message);
    }

    [Fact]
    public void QuestionsToJson_NeitherDocumentNorAdapter_IsRefused() =>
        Assert.Contains("'document', 'documents' or 'adapter'", Fault(Questions with { Adapter = null }));

    [Fact]
    public void QuestionsToJson_DocumentAndAdapter_IsReadBack()
    {
        var both = QuestionsMessage.Parse((Questions with { Document = Hash }).ToJson());
        Assert.Equal((Hash, Questions.Adapter), (both.Document, both.Adapter));
    }

    [Fact]
    public void QuestionsToJson_TooMuch_IsRefusedWithTheLimit()
    {
        Assert.Contains("1 to 256", Fault(Questions with { Questions = [] }));
        Assert.Contains("1 to 256", Fault(Questions with { Questions = Many(257, 1) }));
        Assert.Contains("4,000", Fault(Questions with { Questions = Many(1, 4001) }));
        Assert.Contains("49,152", Fault(Questions with { Questions = Many(13, 4000) }));
        Assert.Equal(256, QuestionsMessage.Parse((Questions with { Questions = Many(256, 100) }).ToJson()).Questions.Count);
        var longest = QuestionsMessage.Parse((Questions with { Questions = Many(1, 4000) }).ToJson());
        Assert.Equal(4000, longest.Questions[0].Text.Length);

        static Question[] Many(int count, int length) =>
            [.. Enumerable.Range(0, count).Select(i => new Question($"q{i}", new string('x', length)))];
    }

    [Fact]
    public void Parse_LongestBody_OneByteMoreIsRefused()
    {
        var body = Encode.ToJson();
        var longest = body + new string(' ', 48 * 1024 - body.Length);
        Assert.Equal(Encode, EncodeMessage.Parse(longest));
        Assert.Contains("49,153 bytes", Assert.Throws<MessageFormatException>(() => EncodeMessage.Parse(longest + " ")).Message);
    }

    [Fact]
    public void Parse_AnyText_ParsesOrThrowsMessageFormatExceptionOnly() => Gen.String.Sample(ParsesOrSaysWhy);

    [Fact]
    public void Parse_AnyBytes_ParsesOrThrowsMessageFormatExceptionOnly() =>
        Gen.Byte.Array[0, 200].Sample(bytes => ParsesOrSaysWhy(bytes));

    [Fact]
    public void Parse_AGoodMessageWithAPieceReplaced_ParsesOrThrowsMessageFormatExceptionOnly()
    {
        string[] pieces = ["", "\"", "{", "}", "[", "]", ":", "null", "1e999", "\\", "\\ud800", "\u0000", "é", "\"v\":1,", "-1"];
        string[] good = [Encode.ToJson(), Questions.ToJson(), Evaluate.ToJson()];
        var place = Gen.Select(Gen.Int[0, 400], Gen.Int[0, 6], Gen.Int[0, pieces.Length - 1], Gen.Int[0, good.Length - 1]);
        place.Sample((at, length, piece, kind) =>
        {
            var body = good[kind];
            at = Math.Min(at, body.Length);
            ParsesOrSaysWhy(body[..at] + pieces[piece] + body[Math.Min(at + length, body.Length)..]);
        });
    }

    private static void ParsesOrSaysWhy(string body) => ParsesOrSaysWhy(Encoding.UTF8.GetBytes(body));

    private static void ParsesOrSaysWhy(byte[] body)
    {
        foreach (var parse in (Action[])[() => EncodeMessage.Parse(body).ToJson(), () => QuestionsMessage.Parse(body).ToJson(), () => EvaluateMessage.Parse(body).ToJson()])
        {
            try
            {
                parse();
            }
            catch (MessageFormatException)
            {
            }
        }
    }

    private static string Fault(QuestionsMessage message) => Assert.Throws<MessageFormatException>(message.ToJson).Message;
}
