using static Perk.Core.Storage.MessageChecks;

namespace Perk.Core.Storage;

/// <summary>One question of a <see cref="QuestionsMessage"/>.</summary>
/// <param name="Id">The caller's id: a question is answered once under it.</param>
/// <param name="Text">The question, 1 to <see cref="QuestionsMessage.LongestText"/> characters.</param>
public sealed record Question(string Id, string Text);

/// <summary>A message on <see cref="Names.QuestionsQueue"/>: questions to one document, or to one adapter.</summary>
public sealed record QuestionsMessage
{
    /// <summary>Questions in one message, at most.</summary>
    public const int MostQuestions = 256;

    /// <summary>Characters (UTF-16) of one question, at most.</summary>
    public const int LongestText = 4000;

    private static readonly string[] Known =
        ["collection", "document", "adapter", "checkpoint", "questions", "job", "generation", "traceparent"];

    /// <summary>The collection of the document or adapter and of the answers.</summary>
    public required string Collection { get; init; }

    /// <summary>
    /// The document asked, 64 hexadecimal digits: its questions wait while it is being encoded. Null where <see cref="Adapter"/> alone
    /// says what is asked.
    /// </summary>
    public string? Document { get; init; }

    /// <summary>The adapter asked, 32 hexadecimal digits; null where it is the document's under the host's own options.</summary>
    public string? Adapter { get; init; }

    /// <summary>The id of the checkpoint the adapter belongs to, 64 hexadecimal digits.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The questions, at least one, with ids that differ.</summary>
    public required IReadOnlyList<Question> Questions { get; init; }

    /// <summary>The job's id, <see cref="Names.AskJob"/>.</summary>
    public required string Job { get; init; }

    /// <summary>How often the job was submitted or replayed, from 1.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>The W3C trace context of the submitter, null where there is none.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Reads a message body (UTF-8 JSON, after base64).</summary>
    /// <exception cref="MessageFormatException">It is not such a message; the text names the field and what is right.</exception>
    public static QuestionsMessage Parse(ReadOnlyMemory<byte> body) => MessageFields.Read(body, Known, From);

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public static QuestionsMessage Parse(string body) => MessageFields.Read(body, Known, From);

    /// <summary>The message body, before base64.</summary>
    /// <exception cref="MessageFormatException">A value that no reader would accept, or too much of it all.</exception>
    public string ToJson()
    {
        Check();
        return MessageFields.Write(json =>
        {
            json.WriteString("collection", Collection);
            if (Document is not null) json.WriteString("document", Document);
            if (Adapter is not null) json.WriteString("adapter", Adapter);
            json.WriteString("checkpoint", Checkpoint);
            json.WriteStartArray("questions");
            foreach (var question in Questions)
            {
                json.WriteStartObject();
                json.WriteString("id", question.Id);
                json.WriteString("text", question.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("job", Job);
            json.WriteNumber("generation", Generation);
            if (Traceparent is not null) json.WriteString("traceparent", Traceparent);
        });
    }

    private static QuestionsMessage From(MessageFields fields) => new QuestionsMessage
    {
        Collection = fields.Text("collection"),
        Document = fields.OptionalText("document"),
        Adapter = fields.OptionalText("adapter"),
        Checkpoint = fields.Text("checkpoint"),
        Questions = fields.Array("questions", ["id", "text"], each => new Question(each.Text("id"), each.Text("text"))),
        Job = fields.Text("job"),
        Generation = fields.Count("generation"),
        Traceparent = fields.OptionalText("traceparent"),
    }.Check();

    private QuestionsMessage Check()
    {
        Require("collection", Collection, NameRules.CollectionFault);
        if (Document is null && Adapter is null) throw new MessageFormatException("The message must have the field 'document' or 'adapter', or both.");
        if (Document is not null) Require("document", Document, NameRules.DocumentIdFault);
        if (Adapter is not null) Require("adapter", Adapter, NameRules.AdapterIdFault);
        Require("checkpoint", Checkpoint, NameRules.CheckpointIdFault);
        Require("job", Job, NameRules.AskJobFault);
        RequireGeneration(Generation);
        RequireTraceparent(Traceparent);
        CheckQuestions();
        return this;
    }

    private void CheckQuestions()
    {
        if (Questions.Count is 0 or > MostQuestions)
            throw MessageFormatException.For("questions", $"there are {Questions.Count}; 1 to {MostQuestions} are allowed.");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Questions.Count; i++)
        {
            var (id, text) = Questions[i];
            Require($"questions[{i}].id", id, NameRules.QuestionIdFault);
            Require($"questions[{i}].id", id, value => ids.Add(value!) ? null : $"'{id}' is the id of an earlier question too.");
            Require($"questions[{i}].text", text, TextFault);
        }
    }

    private static string? TextFault(string? text) =>
        string.IsNullOrWhiteSpace(text) ? "it is empty; ask something."
        : text.Length > LongestText ? $"it has {text.Length:N0} characters; at most {LongestText:N0} are allowed."
        : null;
}
