using System.Globalization;
using Perk.Core.Documents;

namespace Perk.Core.Tasks.StudentRecords;

/// <summary>Which registers are read.</summary>
public sealed record StudentRecordsFileOptions
{
    /// <summary>A file of one register, of an array of registers, or of one a line; unpacked if named <c>.gz</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The most questions of one draw; a register with more is drawn again with the next ones.</summary>
    public int Questions { get; init; } = 1;

    /// <summary>The most tokens of a register; null for any length. Registers keep theirs; longer ones are dropped.</summary>
    public int? Length { get; init; }
}

/// <summary>
/// Registers in the form of the PERK authors' samples, <c>{"database": [records], "questions": [{"question", "answer"}]}</c>.
/// What is asked is known by the wording, and the records it is about by their ids. Gold answers are taken as they stand.
/// </summary>
public sealed class StudentRecordsFile : IMemoryTask
{
    private const string More = "..."; // ends the lists of questions in the samples

    private readonly StudentRecordsFileOptions _options;
    private readonly List<Problem> _problems = [];

    /// <summary>Reads the file.</summary>
    /// <exception cref="ArgumentException">An option cannot be.</exception>
    /// <exception cref="TaskDataException">The file cannot be read; the message names the row and the field.</exception>
    public StudentRecordsFile(StudentRecordsFileOptions options)
    {
        if (options.Questions < 1) throw new ArgumentException($"Questions is {options.Questions}; a draw has at least 1.");
        if (options.Length < 1) throw new ArgumentException($"Length is {options.Length} tokens; a register has at least 1.");
        _options = options;
        foreach (var row in JsonRow.ReadAll(options.Path))
        {
            var register = new LineRegister<StudentRecord>(int.MaxValue, Records(row), r => r.Line);
            var questions = row.Rows("questions", skip: item => item.Is(More)).Select(q => Question(q, register)).ToList();
            if (questions.Count == 0) throw row.Error("questions", "has no question.");
            _problems.AddRange(questions.Chunk(options.Questions).Select((some, i) => new Problem
            {
                Index = _problems.Count + i,
                Context = register.Text,
                Unit = SegmentUnit.Line,
                ContextTokens = register.Tokens,
                Questions = some,
            }).ToList());
        }
    }

    /// <inheritdoc/>
    public string Name => "records";

    /// <inheritdoc/>
    public int? Draws => _problems.Count;

    /// <inheritdoc/>
    public Draw Draw(int index) => _problems[index].ContextTokens > _options.Length
        ? Tasks.Draw.None("longer than the context length")
        : Tasks.Draw.Of(_problems[index]);

    /// <inheritdoc/>
    public IReadOnlyList<GoldAnswer> TrainingAnswers() =>
        [.. _problems.SelectMany(p => p.Questions, (p, q) => new GoldAnswer(q.Kind, q.Answers[0], p.Index))];

    private static List<StudentRecord> Records(JsonRow row)
    {
        var byId = new Dictionary<string, StudentRecord>(StringComparer.Ordinal);
        var records = new List<StudentRecord>();
        foreach (var fields in row.Rows("database"))
        {
            var record = new StudentRecord(
                Field(fields, "Student Id"),
                Field(fields, "Student Name"),
                Field(fields, "Year"),
                Field(fields, "School"),
                Field(fields, "Major"),
                Grade(fields));
            if (byId.TryGetValue(record.Id, out var same) && same != record)
                throw fields.Error("Student Id", $"is {record.Id}, which another record with other attributes has already.");
            byId[record.Id] = record;
            records.Add(record); // One of the samples' students stands there twice.
        }

        return records.Count > 0 ? records : throw row.Error("database", "has no record.");
    }

    private static string Field(JsonRow fields, string name)
    {
        var text = fields.Text(name);
        return text.AsSpan().ContainsAny('\n', '\r') ? throw fields.Error(name, "holds a line end; a record is one line.") : text;
    }

    private static int Grade(JsonRow fields) =>
        int.TryParse(fields.Text("Grade"), NumberStyles.None, CultureInfo.InvariantCulture, out var grade)
            ? grade
            : throw fields.Error("Grade", "must be a text of digits.");

    private static ProblemQuestion Question(JsonRow row, LineRegister<StudentRecord> register)
    {
        var (text, answer) = (row.Text("question"), row.Text("answer"));
        var (form, ids) = QuestionForm.All.Select(f => (Form: f, Ids: f.Ids(text))).FirstOrDefault(f => f.Ids is not null);
        if (form is null || ids is null) throw row.Error("question", $"has no known wording: \"{text}\".");

        var named = ids.Select(id => register.Records.FirstOrDefault(r => r.Id == id)).OfType<StudentRecord>().ToList();
        var known = named.Count == ids.Length;
        if (known == (answer == UnknownAnswer.Text))
        {
            var has = known ? "has every" : "lacks a";
            throw row.Error("answer", $"is '{answer}', but the database {has} student that the question names.");
        }

        var support = known ? form.Support(named, register.Records) : [];
        return new RegisterQuestion(
            form.Kind, text, answer, support, known ? Answerability.Answerable : Answerability.Unanswerable)
            .WithSupport(support.Select(r => register.Fact(register.Records.TakeWhile(other => other.Id != r.Id).Count())));
    }
}
