namespace Perk.Core.Tasks.BabiLong;

/// <summary>What a <see cref="BabiLongTask"/> draws.</summary>
public sealed record BabiLongOptions
{
    /// <summary>What is asked.</summary>
    public BabiLevel Level { get; init; } = BabiLevel.Qa1;

    /// <summary>Tokens of a context, by GPT-2's tokenizer.</summary>
    public int Length { get; init; } = 1024;

    /// <summary>The most questions about a context; there are fewer where its story answers fewer.</summary>
    public int Questions { get; init; } = 1;

    /// <summary>Another one gives other problems.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Whose words and random numbers.</summary>
    public TaskSplit Split { get; init; } = TaskSplit.Test;

    /// <summary>The words of a simulation; null for those of the split.</summary>
    public WorldLists? Lists { get; init; }

    /// <summary>Original stories in place of simulated ones.</summary>
    public BabiFile? File { get; init; }

    /// <summary>
    /// Whether facts are told as <c>Daniel Event 4: Daniel went back to the garden.</c>, numbered from 0 for each person.
    /// </summary>
    public bool EventPrefix { get; init; } = true;

    /// <summary>
    /// Where the facts stand: anywhere over the whole context, or in one stretch of about 1,024 tokens (more where that is less
    /// than twice the facts) of which this is the share of other text before it.
    /// </summary>
    public NeedleDepth Depth { get; init; } = NeedleDepth.Random;

    /// <summary>How many questions have no answer in their context.</summary>
    public UnknownShares Unknown { get; init; } = UnknownShares.None;

    /// <summary>People in a simulated story, fewer where the list has fewer; bAbI has 4.</summary>
    public int NamesPerStory { get; init; } = 4;

    /// <summary>Places in a simulated story, fewer where the list has fewer; bAbI has 6.</summary>
    public int PlacesPerStory { get; init; } = 6;

    /// <summary>Objects in a simulated story, fewer where the list has fewer; bAbI has 3.</summary>
    public int ObjectsPerStory { get; init; } = 3;

    /// <summary>The words of the contexts that these options ask for.</summary>
    internal WorldLists WordsOrDefault => Lists ?? (File is null ? WorldLists.For(Split) : WorldLists.Original);

    /// <summary>Refuses options that nothing can be drawn by.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and what would be right.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Level))
            throw new ArgumentException($"Level is {Level}; it must be one of {string.Join(", ", Enum.GetNames<BabiLevel>())}.");
        if (!Enum.IsDefined(Split)) throw new ArgumentException($"Split is {Split}; it must be Train or Test.");
        AtLeast(nameof(Length), Length, 32);
        AtLeast(nameof(Questions), Questions, 1);
        AtLeast(nameof(NamesPerStory), NamesPerStory, 1);
        AtLeast(nameof(PlacesPerStory), PlacesPerStory, 2);
        AtLeast(nameof(ObjectsPerStory), ObjectsPerStory, 1);
        if (File is { } file && file.Level != Level)
        {
            throw new ArgumentException(
                $"File is {file.Path}, whose questions are those of {file.Level}, but Level is {Level}; "
                + $"take a file of that level, or Level {file.Level}.");
        }
    }

    private static void AtLeast(string option, int value, int least)
    {
        if (value < least) throw new ArgumentException($"{option} is {value}; it must be at least {least}.");
    }
}
