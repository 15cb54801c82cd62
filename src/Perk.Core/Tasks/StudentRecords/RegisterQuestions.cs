namespace Perk.Core.Tasks.StudentRecords;

/// <summary>Draws different questions about a register.</summary>
/// <param name="family">What is asked.</param>
/// <param name="unknown">How many ask about a student that the register lacks.</param>
/// <param name="random">The draw's numbers.</param>
/// <param name="nobody">Draws an id that no register has.</param>
/// <param name="other">Draws an id that only another register has.</param>
internal sealed class RegisterQuestions(
    StudentQuestions family, UnknownShares unknown, Random random, Func<string> nobody, Func<string> other)
{
    private const int Tries = 100; // A register of few records may have no more different questions.

    /// <summary>Draws questions.</summary>
    /// <param name="count">How many.</param>
    /// <param name="register">All records.</param>
    /// <param name="near">Those that single students are taken from, in random order, at least as many as questions.</param>
    /// <returns>The questions, or null where the records are too much alike for any that compares.</returns>
    internal List<RegisterQuestion>? Draw(int count, IReadOnlyList<StudentRecord> register, IReadOnlyList<StudentRecord> near)
    {
        if (family == StudentQuestions.Aggregate)
            return random.PickDistinct(AggregateForm.Forms, count).ConvertAll(form => form.Ask(register));

        var asked = new HashSet<string>(StringComparer.Ordinal);
        var questions = new List<RegisterQuestion>();
        for (var slot = 0; slot < count; slot++)
        {
            var shall = unknown.Draw(random);
            RegisterQuestion? question;
            var tries = 0;
            do
            {
                question = family == StudentQuestions.Recall ? Recall(shall, near[slot]) : Relation(shall, near);
                if (question is null) return null;
            }
            while (!asked.Add(question.Text) && ++tries < Tries);
            questions.Add(question);
        }

        return questions;
    }

    private RegisterQuestion Recall(Answerability shall, StudentRecord record)
    {
        var form = random.Pick(RecallForm.Forms);
        return shall == Answerability.Answerable ? form.Ask(record) : form.Unknown(shall, Stranger(shall));
    }

    private RegisterQuestion? Relation(Answerability shall, IReadOnlyList<StudentRecord> near)
    {
        var forms = random.PickDistinct(RelationForm.Forms, RelationForm.Forms.Count);
        if (shall == Answerability.Answerable)
            return forms.Select(form => form.Ask(random, near)).FirstOrDefault(q => q is not null);

        var (known, stranger) = (random.Pick(near).Id, Stranger(shall));
        return random.Next(2) == 0 ? forms[0].Unknown(shall, known, stranger) : forms[0].Unknown(shall, stranger, known);
    }

    private string Stranger(Answerability shall) => shall == Answerability.Unanswerable ? nobody() : other();
}
