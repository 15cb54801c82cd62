using System.Text;
using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Cli.Tests;

/// <summary>The checkpoint and options of these tests, small enough to encode a page in a moment, and texts.</summary>
internal static class Small
{
    /// <summary>The same on the command line.</summary>
    public static readonly string[] Flags = ["--segment-tokens", "64", "--rank", "4", "--steps", "2"];

    public static readonly CheckpointSource Source = new()
    {
        ModelFolder = Path.Combine(AppContext.BaseDirectory, "models", "stories260K"),
        Meta = new MetaInitialisation { Lora = new LoraOptions { Rank = 4 }, Steps = 2 },
    };

    public static readonly EncodingOptions Encoding = new()
    {
        Segmenter = new SegmenterOptions { MaxTokens = 64 },
        Inner = new InnerLoopOptions { Steps = 2 },
    };

    /// <summary>Loaded once, for all tests.</summary>
    public static ServedModel Model { get; } = ServedModel.From(Source, Encoding, "cpu");

    /// <summary>A page about somebody, so that pages about others are other documents.</summary>
    public static string Page(string name, int paragraphs = 4) => string.Join("\n\n", Enumerable.Range(1, paragraphs).Select(i =>
        $"Once upon a time there was a little girl named {name}. She had {i} red balls and a blue kite. Her friend Tom "
        + "lived in the green house by the river. One day a ball fell into the water and Tom jumped in to get it."));

    /// <summary>A page as somebody's file.</summary>
    public static byte[] Document(string name, int paragraphs = 4) => System.Text.Encoding.UTF8.GetBytes(Page(name, paragraphs));

    /// <summary>A second or more of encoding, in many micro-batches.</summary>
    public static byte[] LongDocument(string name) => Document(name, 80);

    /// <summary>The beginning of a PNG image.</summary>
    public static byte[] Picture => [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', 0, 0, 0, 13, .. "IHDR"u8, .. new byte[60]];

    /// <summary>French in Windows-1252.</summary>
    public static byte[] Western
    {
        get
        {
            System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            var text = string.Concat(Enumerable.Repeat("Le café de l’été était fermé — « déjà » dit Zoé à Noël. ", 8));
            return System.Text.Encoding.GetEncoding(1252).GetBytes(text);
        }
    }

    /// <summary>UTF-16 with its byte order mark.</summary>
    public static byte[] Wide => [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes(Page("Anna", 2))];
}
