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

    /// <summary>Documents one message asks, at most.</summary>
    public const int MostDocuments = 64;

    /// <summary>Characters (UTF-16) of one question, at most.</summary>
    public const int LongestText = 4000;

    private static readonly string[] Known =
        ["collection", "document", "documents", "adapter", "checkpoint", "questions", "job", "generation", "deadline", "traceparent"];

    /// <summary>The collection of the document or adapter and of the answers.</summary>
    public required string Collection { get; init; }

    /// <summary>
    /// The document asked, 64 hexadecimal digits: its questions wait while it is being encoded. Null where <see cref="Adapter"/> alone
    /// says what is asked.
    /// </summary>
    public string? Document { get; init; }

    /// <summary>Several documents asked at once, in place of <see cref="Document"/> and <see cref="Adapter"/>: each answers, the surest answer stands first.</summary>
    public IReadOnlyList<string>? Documents { get; init; }

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

    /// <summary>When the questions fail that have no answer yet; null for never.</summary>
    public DateTimeOffset? Deadline { get; init; }

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
            if (Documents is not null)
            {
                json.WriteStartArray("documents");
                foreach (var document in Documents) json.WriteStringValue(document);
                json.WriteEndArray();
            }

            if (Adapter is not null) json.WriteString("adapter", Adapter);
            json.WriteString("checkpoint", Checkpoint);
            json.WriteStartArray("questions");
            foreach (var question in Questions)
            {
                json.WriteStartObject();
                json.WriteString("id", question.Id);
                MessageFields.WriteText(json, "text", question.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("job", Job);
            json.WriteNumber("generation", Generation);
            if (Deadline is { } deadline) json.WriteString("deadline", deadline);
            if (Traceparent is not null) json.WriteString("traceparent", Traceparent);
        });
    }

    private static QuestionsMessage From(MessageFields fields) => new QuestionsMessage
    {
        Collection = fields.Text("collection"),
        Document = fields.OptionalText("document"),
        Documents = fields.OptionalTexts("documents"),
        Adapter = fields.OptionalText("adapter"),
        Checkpoint = fields.Text("checkpoint"),
        Questions = fields.Array("questions", ["id", "text"], each => new Question(each.Text("id"), each.Text("text"))),
        Job = fields.Text("job"),
        Generation = fields.Count("generation"),
        Deadline = fields.OptionalTime("deadline"),
        Traceparent = fields.OptionalText("traceparent"),
    }.Check();

    private QuestionsMessage Check()
    {
        Require("collection", Collection, NameRules.CollectionFault);
        if (Document is null && Adapter is null && Documents is null)
            throw new MessageFormatException("The message must have the field 'document', 'documents' or 'adapter', or both 'document' and 'adapter'.");
        if (Documents is not null) CheckDocuments(Documents);
        if (Document is not null) Require("document", Document, NameRules.DocumentIdFault);
        if (Adapter is not null) Require("adapter", Adapter, NameRules.AdapterIdFault);
        Require("checkpoint", Checkpoint, NameRules.CheckpointIdFault);
        Require("job", Job, NameRules.AskJobFault);
        RequireGeneration(Generation);
        RequireTraceparent(Traceparent);
        CheckQuestions();
        return this;
    }

    private void CheckDocuments(IReadOnlyList<string> documents)
    {
        if (Document is not null || Adapter is not null) throw MessageFormatException.For("documents", "there must be no 'document' or 'adapter' beside it.");
        if (documents.Count is 0 or > MostDocuments) throw MessageFormatException.For("documents", $"there are {documents.Count}; 1 to {MostDocuments} are allowed.");
        for (var i = 0; i < documents.Count; i++) Require($"documents[{i}]", documents[i], NameRules.DocumentIdFault);
        if (documents.Distinct(StringComparer.Ordinal).Count() < documents.Count) throw MessageFormatException.For("documents", "one is there twice.");
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
